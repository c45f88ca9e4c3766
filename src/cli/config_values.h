#pragma once

#include <string>
#include <vector>

namespace velatura::cli {

/// One `name = value` of a config file.
struct ConfigValue {
  enum class Kind { text, number, boolean };

  std::string name;
  Kind kind;
  std::vector<std::string> texts;  ///< as a command line has it: "7.5", "true"; of a list, several
  bool is_list;
  int line;  ///< from 1
};

/// What stands under one [name]; at the top of the file, under "".
struct ConfigSection {
  std::string name;
  int line;
  std::vector<ConfigValue> values;
};

/// "FILE:LINE: ", before what is wrong there.
std::string place_in(const std::string& file, int line);

/// Reads a config file: TOML 1.0 whose tables stand at the top and hold single values and lists of
/// them. The first
/// section is what stands before all tables.
/// @throws InputError if the file cannot be read; UsageError with file and line for what is no
///         TOML, and for dates, empty lists and tables within tables, which no option takes
std::vector<ConfigSection> read_config(const std::string& file);

}  // namespace velatura::cli
