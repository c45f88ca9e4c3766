#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/config_values.h"

namespace velatura::cli {

/// A config file, and whose.
struct ConfigFile {
  std::string path;
  bool is_users_own;  ///< for all commands, where --config is for one
};

/// True for commands that have --config.
bool reads_config(const CLI::App& command);

/// The option of that long name, if config files may give it; else null.
CLI::Option* find_config_option(CLI::App& command, const std::string& name);

/// Makes sure that whatever is in a file is an option of some command, also of one that does not
/// run now, and that nothing stands at the top that is not for `command`: of the user's own file,
/// not for any.
/// @throws UsageError with file, line and what is near
void check_config(const std::vector<ConfigSection>& sections, CLI::App& command,
                  const ConfigFile& file);

}  // namespace velatura::cli
