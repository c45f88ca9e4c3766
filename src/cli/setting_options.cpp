#include "cli/setting_options.h"

#include <map>

#include "cli/pictures/picture_command.h"
#include "cli/settings_job.h"

namespace velatura::cli {
namespace {

// "-s,--seed": all names of an option, without the place on the command line that a prompt has.
std::string names_of(const CLI::Option& option) {
  std::string names;
  for (const std::string& name : option.get_snames()) names += "-" + name + ",";
  for (const std::string& name : option.get_lnames()) names += "--" + name + ",";
  names.pop_back();
  return names;
}

CLI::Option* add_setting(CLI::App& command, const CLI::Option& option, batch::Settings& settings) {
  CLI::Option* added = command.add_option_function<std::string>(
      names_of(option),
      [&settings, name = main_name(option)](const std::string& text) {
        settings.push_back({name, text});
      },
      option.get_description());
  added->type_name(option.get_type_name())->default_str(option.get_default_str());
  if (option.get_expected_min() == 0) added->expected(0);  // a flag, or a value that is optional
  return added->group(option.get_group());
}

}  // namespace

void add_setting_options(CLI::App& command, batch::Settings& settings,
                         const std::function<bool(const std::string&)>& wanted) {
  std::map<std::string, CLI::Option*> known;
  CLI::App program;
  for (const PictureTask& task : picture_tasks()) {
    for (const CLI::Option* option : task.add(program).options->get_options()) {
      const std::string name = main_name(*option);
      if (!wanted(name)) continue;
      const auto found = known.find(name);
      if (found == known.end()) {
        known[name] = add_setting(command, *option, settings);
      } else if (found->second->get_default_str() != option->get_default_str()) {
        found->second->default_str("as in its command");
      }
    }
  }
}

}  // namespace velatura::cli
