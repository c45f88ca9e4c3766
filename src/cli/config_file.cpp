#include "cli/config_file.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include "cli/config_rivals.h"
#include "cli/config_values.h"
#include "cli/options.h"
#include "cli/pictures/picture_tasks.h"
#include "cli/pictures/run_fields.h"
#include "cli/report/failure.h"
#include "cli/settings_job.h"
#include "core/environment.h"
#include "core/file_status.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

namespace fs = std::filesystem;

/// A config file, and whose.
struct ConfigFile {
  std::string path;
  bool is_users_own;  ///< for all commands, where --config is for one
};

// Empty where there is none. Relative folders do not count, as the XDG specification has it.
std::string users_own_file() {
  fs::path folder = environment("XDG_CONFIG_HOME");
  if (!folder.is_absolute()) folder = fs::path(environment("HOME")) / ".config";
  const fs::path file = folder / "velatura" / "config.toml";
  return folder.is_absolute() && is_there(file) ? file.string() : "";
}

std::string main_name(const CLI::Option& option) {
  return option.get_lnames().front();
}

CLI::Option* find_option(CLI::App& command, const std::string& name) {
  CLI::Option* option = command.get_option_no_throw("--" + name);
  return option != nullptr && option->get_configurable() ? option : nullptr;
}

std::vector<std::string> configurable_names(const CLI::App& command) {
  std::vector<std::string> names = option_names(command);
  std::erase_if(names, [&command](const std::string& name) {
    return !command.get_option(name)->get_configurable();
  });
  for (std::string& name : names) name.erase(0, 2);
  return names;
}

[[noreturn]] void reject_option(const std::vector<std::string>& known, const ConfigValue& value,
                                const std::string& file) {
  throw UsageError(place_in(file, value.line) + "unknown option '" + value.name + "'" +
                   suggestion(value.name, known));
}

// Of a recipe's options, those that a picture holds, too.
bool is_in_pictures(const std::string& name) {
  static Draft draft = draft_of(picture_tasks().front().name);
  static const std::vector<request::Slot> slots = slots_of(draft);
  const request::Slot* slot = find_slot(slots, name);
  if (slot == nullptr || slot->field.name == "device") return false;
  return slot->field.scope != request::Scope::run ||
         slot->field.recorded != request::Recorded::never;
}

bool reads_config(const CLI::App& command) {
  return command.get_option_no_throw("--" + std::string(config_field().name)) != nullptr;
}

bool makes_what_it_is_told(const CLI::App& command) {
  const auto is_it = [&command](const PictureTask& task) {
    return command.get_name() == task.name;
  };
  return command.get_name() == "batch" || std::ranges::any_of(picture_tasks(), is_it);
}

/// The files, the more telling first, and the command that takes options from them.
class Configuration {
 public:
  explicit Configuration(CLI::App& command) : command_(command) {}

  void apply(const ConfigFile& file) {
    std::vector<ConfigSection> sections = read_config(file.path);
    check_sections(sections, file);
    const auto own = std::ranges::find(sections, command_.get_name(), &ConfigSection::name);
    if (own != sections.end()) apply(own->values, file.path);
    std::erase_if(sections.front().values, [&](const ConfigValue& value) {
      return file.is_users_own && !is_for_command(value);
    });
    apply(sections.front().values, file.path);
  }

 private:
  // Whatever is in the file is an option of some command, also of one that does not run now.
  void check_sections(const std::vector<ConfigSection>& sections, const ConfigFile& file) const {
    for (const ConfigSection& section : sections) {
      if (section.name.empty()) {
        for (const ConfigValue& value : section.values) check_top(value, file);
      } else {
        CLI::App& command = command_named(section, file.path);
        for (const ConfigValue& value : section.values)
          if (find_option(command, value.name) == nullptr)
            reject_option(configurable_names(command), value, file.path);
      }
    }
  }

  void check_top(const ConfigValue& value, const ConfigFile& file) const {
    if (find_option(command_, value.name) != nullptr) return;
    std::vector<std::string> known = configurable_names(command_);
    for (CLI::App* other : program().get_subcommands({})) {
      if (!reads_config(*other)) continue;
      std::ranges::copy(configurable_names(*other), std::back_inserter(known));
      if (find_option(*other, value.name) == nullptr) continue;
      if (file.is_users_own) return;
      throw UsageError(place_in(file.path, value.line) + command_.get_name() + " has no option '" +
                       value.name + "', which belongs under [" + other->get_name() + "]");
    }
    reject_option(known, value, file.path);
  }

  CLI::App& command_named(const ConfigSection& section, const std::string& file) const {
    std::vector<std::string> names;
    for (CLI::App* command : program().get_subcommands({})) {
      if (!reads_config(*command)) continue;
      if (command->get_name() == section.name) return *command;
      names.push_back(command->get_name());
    }
    throw UsageError(place_in(file, section.line) + "section [" + section.name +
                     "] is not named after a command that has options" +
                     suggestion(section.name, names));
  }

  bool is_for_command(const ConfigValue& value) const {
    CLI::Option* option = find_option(command_, value.name);
    return option != nullptr &&
           (makes_what_it_is_told(command_) || !is_in_pictures(main_name(*option)));
  }

  void apply(const std::vector<ConfigValue>& values, const std::string& file) {
    const Given before = given();
    std::vector<CLI::Option*> from_here;
    for (const ConfigValue& value : values) {
      CLI::Option& option = *find_option(command_, value.name);
      if (std::ranges::find(from_here, &option) != from_here.end())
        throw UsageError(place_in(file, value.line) + value.name + " is given twice");
      from_here.push_back(&option);
      const std::string name = main_name(option);
      if (before.contains(name) || gives_way(name, value.text, before)) continue;
      set(option, value, file);
    }
  }

  // What has been given so far, by those who go before the next file.
  Given given() const {
    Given given;
    for (const CLI::Option* option : command_.get_options()) {
      if (option->count() > 0 && !option->get_lnames().empty())
        given.insert_or_assign(main_name(*option), option->results().back());
    }
    return given;
  }

  static void set(CLI::Option& option, const ConfigValue& value, const std::string& file) {
    using Kind = ConfigValue::Kind;
    const std::string where = place_in(file, value.line);
    const std::string unit = option.get_type_name();
    const bool is_flag = option.get_expected_min() == 0;
    if (value.kind != Kind::text && (unit == "PROMPT" || unit == "TEXT"))
      throw UsageError(where + value.name + ": expected text between quotes");
    if (value.kind == Kind::boolean && !is_flag)
      throw UsageError(where + value.name + ": expected a value, not " + value.text);
    try {
      set_option(option, is_flag ? option.get_flag_value(value.name, value.text) : value.text);
    } catch (const CLI::ParseError& error) {
      throw UsageError(where + error.what());
    } catch (const UsageError& error) {
      throw UsageError(where + told(error));
    }
  }

  CLI::App& program() const { return *command_.get_parent(); }

  CLI::App& command_;
};

const CLI::Option* given_option(const CLI::App& command, const request::Field& field) {
  const CLI::Option* option = command.get_option_no_throw("--" + std::string(field.name));
  return option != nullptr && option->count() > 0 ? option : nullptr;
}

}  // namespace

void apply_config_files(CLI::App& command) {
  if (!reads_config(command)) return;
  Configuration configuration(command);
  if (const CLI::Option* config = given_option(command, config_field()))
    configuration.apply({config->results().back(), false});
  const CLI::Option* none = given_option(command, no_config_field());
  if (none != nullptr && none->results().back() == "true") return;
  if (const std::string file = users_own_file(); !file.empty()) configuration.apply({file, true});
}

}  // namespace velatura::cli
