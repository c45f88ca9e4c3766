#include "cli/options.h"

#include <algorithm>
#include <sstream>

#include "cli/field_options.h"
#include "cli/pictures/run_fields.h"
#include "core/text.h"
#include "request/fields.h"
#include "request/values.h"

namespace velatura::cli {
std::string with_underscores(const std::string& names) {
  std::string all = names;
  std::istringstream list(names);
  for (std::string name; std::getline(list, name, ',');) {
    if (!name.starts_with("--") || name.find('-', 2) == std::string::npos) continue;
    std::replace(name.begin() + 2, name.end(), '-', '_');
    all += "," + name;
  }
  return all;
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      if (name.find('_') == std::string::npos) names.push_back("--" + name);
    }
  }
  return names;
}

void set_option(CLI::Option& option, const std::vector<std::string>& values) {
  try {
    option.clear();
    for (const std::string& value : values) option.add_result(value);
    option.run_callback();
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
}

bool is_repeatable(const CLI::Option& option) {
  return option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
}

CLI::Option* add_repeatable(CLI::App& command, const std::string& group, const std::string& names,
                            const std::function<void(const std::string&)>& take,
                            const std::string& description) {
  const std::function<void(const std::vector<std::string>&)> take_all =
      [take](const std::vector<std::string>& texts) {
        for (const std::string& text : texts) take(text);
      };
  return command.add_option_function(with_underscores(names), take_all, description)
      ->group(group)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

std::string suggestion(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string near = nearest(word, candidates);
  return near.empty() ? "" : ", did you mean '" + near + "'?";
}

CLI::Validator choices(const std::vector<std::string>& words) {
  return {[](std::string&) { return std::string(); }, request::in_a_row(words)};
}

CLI::Option* add_flag(CLI::App& command, const std::string& group, const std::string& names,
                      bool& value, const std::string& description) {
  const std::string name = names.substr(names.find("--") + 2);
  const auto check = [name](std::string& text) {
    request::parse_flag({.name = name}, text);
    return std::string();
  };
  return command.add_flag(with_underscores(names), value, description)
      ->check(CLI::Validator(check, ""))
      ->group(group);
}

CLI::Option* add_models_folder_option(CLI::App& command, std::string& folder) {
  return add_field_option(command, {models_folder_field(), &folder});
}

CLI::Option* add_device_option(CLI::App& command, std::string& device) {
  return add_field_option(command, {request::known_field("device"), &device});
}

CLI::Option* value_is_optional(CLI::Option* option) {
  const auto alone = [option](const std::string& text) {
    return text == "true" ? option->get_default_str() : text;
  };
  return option->expected(0)->transform(alone);
}

}  // namespace velatura::cli
