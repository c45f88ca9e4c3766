#include "cli/config_file.h"

#include <algorithm>
#include <string>
#include <vector>

#include "cli/options.h"
#include "cli/report/failure.h"
#include "core/text.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

constexpr const char* kConfig = "--config";

bool is_for(const CLI::ConfigItem& item, const CLI::App& command, const std::string& file) {
  if (item.name == "++" || item.name == "--") return false;  // CLI11's marks of a section
  if (item.parents.empty()) return true;
  const std::string& section = item.parents.front();
  if (item.parents.size() == 1 && section == command.get_name()) return true;
  const CLI::App& program = *command.get_parent();
  const auto named = [&section](const CLI::App* other) { return other->get_name() == section; };
  if (program.get_subcommands(named).empty()) {
    throw UsageError(file + ": section [" + section + "] is not named after a command");
  }
  return false;
}

CLI::Option& find_option(const CLI::ConfigItem& item, CLI::App& command, const std::string& file) {
  CLI::Option* option = command.get_option_no_throw("--" + item.name);
  if (option == nullptr || !option->get_configurable()) {
    const std::string near = nearest("--" + item.name, option_names(command));
    throw UsageError(file + ": unknown option '" + item.name + "'" +
                     (near.empty() ? "" : ", did you mean '" + near.substr(2) + "'?"));
  }
  return *option;
}

// CLI11 splits what is not quoted at spaces and commas, and cuts at a # even between quotes.
const std::string& single_value(const CLI::ConfigItem& item, const std::string& file) {
  const bool cut = item.inputs.size() == 1 && !item.inputs[0].empty() && item.inputs[0][0] == '"';
  if (item.inputs.size() != 1 || cut) {
    throw UsageError(file + ": " + item.name +
                     ": expected one value, between quotes where it holds " +
                     "spaces or commas, and without #");
  }
  return item.inputs[0];
}

std::string value_of(const CLI::Option& option, const CLI::ConfigItem& item,
                     const std::string& file) {
  const bool is_flag = option.get_expected_min() == 0;
  if (!is_flag) return single_value(item, file);
  try {
    return option.get_flag_value(item.name, CLI::ConfigTOML().to_flag(item));
  } catch (const CLI::ParseError& error) {
    throw UsageError(file + ": " + error.what());
  }
}

void set(CLI::Option& option, const CLI::ConfigItem& item, const std::string& file) {
  const std::string value = value_of(option, item, file);
  try {
    set_option(option, value);
  } catch (const UsageError& error) {
    throw UsageError(file + ": " + told(error));
  }
}

}  // namespace

void add_config_option(CLI::App& command) {
  command.add_option(kConfig, "Read options from a TOML or INI file; the command line wins")
      ->type_name("FILE")
      ->configurable(false)
      ->group("Machine");
}

void apply_config_file(CLI::App& command) {
  const CLI::Option* config = command.get_option_no_throw(kConfig);
  if (config == nullptr || config->count() == 0) return;
  const auto file = config->as<std::string>();

  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigTOML().from_file(file);
  } catch (const CLI::FileError&) {
    throw InputError(file + ": the config file cannot be read");
  }
  std::vector<CLI::Option*> from_file;
  for (const CLI::ConfigItem& item : items) {
    if (!is_for(item, command, file)) continue;
    CLI::Option& option = find_option(item, command, file);
    if (std::find(from_file.begin(), from_file.end(), &option) != from_file.end()) {
      throw UsageError(file + ": " + item.name + " is given twice");
    }
    if (option.count() > 0) continue;
    from_file.push_back(&option);
    set(option, item, file);
  }
}

}  // namespace velatura::cli
