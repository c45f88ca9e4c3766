#include "cli/config_check.h"

#include <algorithm>
#include <iterator>

#include "cli/options.h"
#include "cli/pictures/run_fields.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

std::vector<CLI::App*> readers(CLI::App& command) {
  return command.get_parent()->get_subcommands(
      [](const CLI::App* each) { return reads_config(*each); });
}

std::vector<std::string> configurable_names(const CLI::App& command) {
  std::vector<std::string> names = option_names(command);
  std::erase_if(names, [&command](const std::string& name) {
    return !command.get_option(name)->get_configurable();
  });
  for (std::string& name : names) name.erase(0, 2);
  return names;
}

[[noreturn]] void reject(const ConfigValue& value, const std::vector<std::string>& known,
                         const ConfigFile& file) {
  throw UsageError(place_in(file.path, value.line) + "unknown option '" + value.name + "'" +
                   suggestion(value.name, known));
}

void check_top(const ConfigValue& value, CLI::App& command, const ConfigFile& file) {
  if (find_config_option(command, value.name) != nullptr) return;
  std::vector<std::string> known = configurable_names(command);
  for (CLI::App* other : readers(command)) {
    std::ranges::copy(configurable_names(*other), std::back_inserter(known));
    if (find_config_option(*other, value.name) == nullptr) continue;
    if (file.is_users_own) return;
    throw UsageError(place_in(file.path, value.line) + command.get_name() + " has no option '" +
                     value.name + "', which belongs under [" + other->get_name() + "]");
  }
  reject(value, known, file);
}

CLI::App& command_of(const ConfigSection& section, CLI::App& command, const ConfigFile& file) {
  std::vector<std::string> names;
  for (CLI::App* each : readers(command)) {
    if (each->get_name() == section.name) return *each;
    names.push_back(each->get_name());
  }
  throw UsageError(place_in(file.path, section.line) + "section [" + section.name +
                   "] is not named after a command that has options" +
                   suggestion(section.name, names));
}

}  // namespace

bool reads_config(const CLI::App& command) {
  return command.get_option_no_throw("--" + std::string(config_field().name)) != nullptr;
}

CLI::Option* find_config_option(CLI::App& command, const std::string& name) {
  CLI::Option* option = command.get_option_no_throw("--" + name);
  return option != nullptr && option->get_configurable() ? option : nullptr;
}

void check_config(const std::vector<ConfigSection>& sections, CLI::App& command,
                  const ConfigFile& file) {
  for (const ConfigSection& section : sections) {
    if (section.name.empty()) {
      for (const ConfigValue& value : section.values) check_top(value, command, file);
      continue;
    }
    CLI::App& of_section = command_of(section, command, file);
    for (const ConfigValue& value : section.values)
      if (find_config_option(of_section, value.name) == nullptr)
        reject(value, configurable_names(of_section), file);
  }
}

}  // namespace velatura::cli
