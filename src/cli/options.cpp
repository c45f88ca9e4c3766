#include "cli/options.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "core/text.h"

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

CLI::Validator in_range(double low, double high) {
  const std::string range = number_text(low) + " to " + number_text(high);
  const auto check = [low, high, range](std::string& text) -> std::string {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0') return "'" + text + "' is not a number";
    return value >= low && value <= high ? "" : text + " is not in the range " + range;
  };
  return {check, range};
}

CLI::Option* add_flag(CLI::App& command, const std::string& group, const std::string& names,
                      bool& value, const std::string& description) {
  return command.add_flag(with_underscores(names), value, description)->group(group);
}

}  // namespace velatura::cli
