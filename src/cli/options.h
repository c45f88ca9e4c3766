#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

namespace velatura::cli {

/// "-g,--guidance-scale" → "-g,--guidance-scale,--guidance_scale": every long name may also be
/// written with underscores, as webui and CompVis write them.
std::string with_underscores(const std::string& names);

/// The names of all options of a command as help shows them: with dashes, underscores left out.
std::vector<std::string> option_names(const CLI::App& command);

/// "1 to 1000", and a check that a number is in it (NaN never is).
CLI::Validator in_range(double low, double high);

/// The option `names`, in the group of the help it belongs to.
template <class T>
CLI::Option* add_option(CLI::App& command, const std::string& group, const std::string& names,
                        T& value, const std::string& description) {
  return command.add_option(with_underscores(names), value, description)->group(group);
}

CLI::Option* add_flag(CLI::App& command, const std::string& group, const std::string& names,
                      bool& value, const std::string& description);

/// --models-dir, for commands that take a model.
CLI::Option* add_models_folder_option(CLI::App& command, std::string& folder);

/// --device; that the device is there is not checked.
CLI::Option* add_device_option(CLI::App& command, const std::string& group, std::string& device);

/// An option whose text `parse` turns into a value, throwing UsageError for text it does not know.
template <class Parse>
CLI::Option* add_parsed(CLI::App& command, const std::string& group, const std::string& names,
                        Parse parse, const std::string& description) {
  return command
      .add_option_function<std::string>(with_underscores(names),
                                        std::function<void(const std::string&)>(parse), description)
      ->group(group);
}

}  // namespace velatura::cli
