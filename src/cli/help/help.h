#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace velatura::cli {

/// `left` at the start of the line, `right` wrapped at 80 characters behind `column`.
std::string two_columns(const std::string& left, const std::string& right, std::size_t column = 30);

/// Help in two columns of 80 characters: canonical names and unit, then meaning, default, range and
/// other names. An option's type name is its unit; the validator's description its range.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_group(std::string group, bool is_positional,
                         std::vector<const CLI::Option*> options) const override;
  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_positionals(const CLI::App* app) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_subcommand(const CLI::App* command) const override;
};

}  // namespace velatura::cli
