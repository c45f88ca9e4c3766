#include "cli/options.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "core/text.h"

namespace velatura::cli {
namespace {

std::string check_device(const std::string& text) {
  const bool known = text == "auto" || text == "cpu" || text == "cuda";
  const bool numbered = text.starts_with("cuda:") && text.size() > 5 && text.size() < 8 &&
                        text.find_first_not_of("0123456789", 5) == std::string::npos;
  return known || numbered ? "" : text + " is not auto, cpu, cuda or cuda:N";
}

}  // namespace

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

void set_option(CLI::Option& option, const std::string& value) {
  try {
    option.clear();
    option.add_result(value);
    option.run_callback();
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
}

std::string suggestion(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string near = nearest(word, candidates);
  return near.empty() ? "" : ", did you mean '" + near + "'?";
}

CLI::Validator in_range(double low, double high) {
  const auto text = [](double bound) {  // never 1e+05
    const auto whole = static_cast<long long>(bound);
    return static_cast<double>(whole) == bound ? std::to_string(whole) : number_text(bound);
  };
  const std::string range = text(low) + " to " + text(high);
  const auto check = [low, high, range](std::string& word) -> std::string {
    char* end = nullptr;
    const double value = std::strtod(word.c_str(), &end);
    if (word.empty() || *end != '\0') return "'" + word + "' is not a number";
    return value >= low && value <= high ? "" : word + " is not in the range " + range;
  };
  return {check, range};
}

CLI::Validator choices(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return {[](std::string&) { return std::string(); }, list};
}

std::string either(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) {
    list += list.empty() ? "" : &word == &words.back() ? " or " : ", ";
    list += word;
  }
  return list;
}

CLI::Option* add_flag(CLI::App& command, const std::string& group, const std::string& names,
                      bool& value, const std::string& description) {
  return command.add_flag(with_underscores(names), value, description)->group(group);
}

CLI::Option* add_models_folder_option(CLI::App& command, std::string& folder) {
  return add_option(command, "Model", "--models-dir", folder,
                    "A web UI's models folder, whose Stable-diffusion and VAE hold models to be "
                    "named without their path")
      ->type_name("FOLDER")
      ->default_str("$VELATURA_MODELS, else none");
}

CLI::Option* add_device_option(CLI::App& command, const std::string& group, std::string& device) {
  return add_option(
             command, group, "--device", device,
             "Where to compute; auto is the first GPU, else the CPU; cuda:1 is the second GPU")
      ->type_name("NAME")
      ->capture_default_str()
      ->check(CLI::Validator(check_device, "auto, cpu, cuda"));
}

CLI::Option* value_is_optional(CLI::Option* option) {
  const auto alone = [option](const std::string& text) {
    return text == "true" ? option->get_default_str() : text;
  };
  return option->expected(0)->transform(alone);
}

}  // namespace velatura::cli
