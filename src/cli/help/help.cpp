#include "cli/help/help.h"

#include <sstream>

#include "cli/help/program_facts.h"

namespace velatura::cli {
namespace {

constexpr std::size_t kWidth = 80;

}  // namespace

std::string two_columns(const std::string& left, const std::string& right, std::size_t column) {
  std::string text;
  std::string line = left;
  const auto next_line = [&] {
    text += line + "\n";
    line.clear();
  };
  if (line.size() + 2 > column) next_line();
  std::istringstream words(right);
  for (std::string word; words >> word;) {
    if (line.size() > column && line.size() + 1 + word.size() > kWidth) next_line();
    line += line.size() > column ? " " : std::string(column - line.size(), ' ');
    line += word;
  }
  next_line();
  return text;
}

std::string HelpFormatter::make_group(std::string group, bool is_positional,
                                      std::vector<const CLI::Option*> options) const {
  std::string text = group + ":\n";
  for (const CLI::Option* option : options) text += make_option(option, is_positional);
  return text;
}

std::string HelpFormatter::make_usage(const CLI::App* app, std::string name) const {
  return "\nUsage: " + usage_of(*app, name) + "\n\n";
}

// Positionals are in the usage line and, under their long names, among the options.
std::string HelpFormatter::make_positionals(const CLI::App*) const {
  return "";
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool) const {
  const OptionFacts facts = facts_of(*option);
  const std::string indent = option->get_snames().empty() ? "      " : "  ";
  return two_columns(indent + signature(facts), explanation(facts));
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
  return two_columns("  " + command->get_name(), command->get_description());
}

}  // namespace velatura::cli
