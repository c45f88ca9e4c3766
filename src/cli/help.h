#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace velatura::cli {

/// Help in two columns of 80 characters: canonical names and unit, then meaning, default, range and
/// other names. An option's type name is its unit; the validator's description its range.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_positionals(const CLI::App* app) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_subcommand(const CLI::App* command) const override;
};

}  // namespace velatura::cli
