#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "request/words.h"
#include "velatura/error.h"

namespace velatura::cli {

/// "-g,--guidance-scale" → "-g,--guidance-scale,--guidance_scale": every long name may also be
/// written with underscores, as webui and CompVis write them.
std::string with_underscores(const std::string& names);

/// The names of all options of a command as help shows them: with dashes, underscores left out.
std::vector<std::string> option_names(const CLI::App& command);

/// Sets an option as if the command line had given it these values and no others. @throws UsageError
void set_option(CLI::Option& option, const std::vector<std::string>& values);

/// True for an option that may be given several times.
bool is_repeatable(const CLI::Option& option);

/// ", did you mean 'NEAREST'?", or nothing if no candidate is near.
std::string suggestion(const std::string& word, const std::vector<std::string>& candidates);

/// Words for an option's value that help shows and shells complete. Checks nothing: the parser
/// decides, which may know more spellings.
CLI::Validator choices(const std::vector<std::string>& words);

/// The canonical names of a table's rows, as choices.
template <class Rows>
CLI::Validator choices_of(const Rows& rows) {
  std::vector<std::string> words;
  for (const auto& row : rows) words.emplace_back(row.name);
  return choices(words);
}

/// The option `names`, in the group of the help it belongs to.
template <class T>
CLI::Option* add_option(CLI::App& command, const std::string& group, const std::string& names,
                        T& value, const std::string& description) {
  return command.add_option(with_underscores(names), value, description)->group(group);
}

/// The option `names`, of which the long one is the last. @throws UsageError for `--json=maybe`
CLI::Option* add_flag(CLI::App& command, const std::string& group, const std::string& names,
                      bool& value, const std::string& description);

/// --models-dir, for commands that take a model.
CLI::Option* add_models_folder_option(CLI::App& command, std::string& folder);

/// --device; that the device is there is not checked.
CLI::Option* add_device_option(CLI::App& command, std::string& device);

/// A value and what it is called on the command line.
template <class Value>
struct Choice {
  std::string_view name;
  Value value;
};

/// An option whose text `parse` turns into a value, throwing UsageError for text it does not know.
template <class Parse>
CLI::Option* add_parsed(CLI::App& command, const std::string& group, const std::string& names,
                        Parse parse, const std::string& description) {
  return command
      .add_option_function<std::string>(with_underscores(names),
                                        std::function<void(const std::string&)>(parse), description)
      ->group(group);
}

/// The same for an option that may be given several times: `take` is called with each text.
CLI::Option* add_repeatable(CLI::App& command, const std::string& group, const std::string& names,
                            const std::function<void(const std::string&)>& take,
                            const std::string& description);

/// An option, of whose names the long one is the last, that takes one of the words in `table`, which must outlive it.
template <class Table, class Target>
CLI::Option* add_choice(CLI::App& command, const std::string& group, const std::string& name,
                        const Table& table, Target& target, const std::string& description) {
  const auto parse = [&table, &target, name](const std::string& text) {
    std::vector<std::string> words;
    for (const auto& choice : table) {
      if (choice.name == text) {
        target = choice.value;
        return;
      }
      words.emplace_back(choice.name);
    }
    throw UsageError(name.substr(name.find("--")) + " " + text + ": expected " +
                     request::either(words));
  };
  return add_parsed(command, group, name, parse, description)->check(choices_of(table));
}

/// Lets an option stand alone, when it means its default_str(). A value is then only what is behind
/// '=', and a config file may also say true.
CLI::Option* value_is_optional(CLI::Option* option);

}  // namespace velatura::cli
