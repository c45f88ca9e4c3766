#pragma once

#include <CLI/CLI.hpp>

namespace velatura::cli {

/// Takes the options that the command line left out from config files: the one given with --config,
/// then the user's own, $XDG_CONFIG_HOME/velatura/config.toml, without --no-config.
///
/// They are TOML, `name = value` under the long names of the options. A section is named after a
/// command, and goes before what stands at the top, which is for all. In the user's own file the
/// top may have options of other commands; commands that do not make pictures by what they are told
/// (replay, verify, …) take from there only what pictures do not say of themselves.
/// @throws InputError if a file cannot be read, UsageError naming file, line and option otherwise
void apply_config_files(CLI::App& command);

}  // namespace velatura::cli
