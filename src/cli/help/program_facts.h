#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace velatura::cli {

/// What help, the manual and shell completions say of an option.
struct OptionFacts {
  std::vector<std::string> names;    ///< "-g", "--guidance-scale": the ones to show
  std::vector<std::string> aliases;  ///< long names that are taken too
  std::string unit;                  ///< of the value, as "FILE"; empty: a flag
  bool value_optional = false;       ///< a value stands behind '=' or is left out
  std::string description;
  std::string default_value;         ///< empty: none to show
  std::string range;                 ///< "0 to 1", or the choices behind one another
  std::vector<std::string> choices;  ///< words to choose from; see choices()
  bool positional = false;           ///< its value may also stand alone
};

struct CommandFacts {
  std::string name;
  std::string description;
  std::string usage;   ///< "velatura txt2img [PROMPT] [options]"
  std::string footer;  ///< what its help ends with
  std::vector<OptionFacts> options;
};

struct ProgramFacts {
  CommandFacts program;  ///< its own options, before or without a command
  std::vector<CommandFacts> commands;
};

/// An option's type name is its unit, a validator's description its range.
OptionFacts facts_of(const CLI::Option& option);
ProgramFacts facts_of(const CLI::App& program);

/// "-g, --guidance-scale X", "--show[=NAME]"
std::string signature(const OptionFacts& option);

/// "How closely to … (default 7.5; 0 to 1000; also --scale)"
std::string explanation(const OptionFacts& option);

/// "velatura COMMAND [options]". @param path  the command and what stands before it
std::string usage_of(const CLI::App& app, const std::string& path);

std::string join(const std::vector<std::string>& parts, const std::string& separator);

}  // namespace velatura::cli
