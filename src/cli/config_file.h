#pragma once

#include <CLI/CLI.hpp>

namespace velatura::cli {

/// Declares --config FILE on a command.
void add_config_option(CLI::App& command);

/// Takes the options that the command line left out from the file given with --config, if one was:
/// TOML or INI, `name = value` under the long names of the options, at the top or in a section
/// named after the command (sections of other commands are skipped).
/// @throws InputError if the file cannot be read, UsageError naming file and option otherwise
void apply_config_file(CLI::App& command);

}  // namespace velatura::cli
