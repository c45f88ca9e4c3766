#include "cli/config_file.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/config_check.h"
#include "cli/config_rivals.h"
#include "cli/config_values.h"
#include "cli/options.h"
#include "cli/pictures/draft.h"
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

// True for what a picture says of itself, or of how it was made.
bool is_in_pictures(const request::Slot& slot) {
  using request::Recorded;
  using request::Scope;
  const request::Field& field = slot.field;
  const bool is_of_the_run = field.scope == Scope::run && field.recorded == Recorded::never;
  return !is_of_the_run && field.name != "device";
}

bool is_in_pictures(const std::string& option) {
  return std::ranges::any_of(picture_tasks(), [&option](const PictureTask& task) {
    Draft draft = draft_of(task.name);
    const std::vector<request::Slot> slots = slots_of(draft);
    const request::Slot* slot = find_slot(slots, option);
    return slot != nullptr && is_in_pictures(*slot);
  });
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
    check_config(sections, command_, file);
    const auto own = std::ranges::find(sections, command_.get_name(), &ConfigSection::name);
    if (own != sections.end()) apply(own->values, file.path);
    std::erase_if(sections.front().values, [&](const ConfigValue& value) {
      return file.is_users_own && !is_for_command(value);
    });
    apply(sections.front().values, file.path);
  }

 private:
  bool is_for_command(const ConfigValue& value) const {
    CLI::Option* option = find_config_option(command_, value.name);
    return option != nullptr &&
           (makes_what_it_is_told(command_) || !is_in_pictures(main_name(*option)));
  }

  void apply(const std::vector<ConfigValue>& values, const std::string& file) {
    const Given before = given();
    std::vector<CLI::Option*> from_here;
    for (const ConfigValue& value : values) {
      CLI::Option& option = *find_config_option(command_, value.name);
      if (std::ranges::find(from_here, &option) != from_here.end())
        throw UsageError(place_in(file, value.line) + value.name + " is given twice");
      from_here.push_back(&option);
      const std::string name = main_name(option);
      if (before.contains(name) || gives_way(name, value.texts[0], before)) continue;
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
      throw UsageError(where + value.name + ": expected a value, not " + value.texts[0]);
    try {
      if (value.is_list && !is_repeatable(option))
        throw UsageError("'" + value.name + "' is a list: expected one value");
      set_option(option, is_flag ? std::vector{option.get_flag_value(value.name, value.texts[0])}
                                 : value.texts);
    } catch (const CLI::ParseError& error) {
      throw UsageError(where + error.what());
    } catch (const UsageError& error) {
      throw UsageError(where + told(error));
    }
  }

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
