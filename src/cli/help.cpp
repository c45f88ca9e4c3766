#include "cli/help.h"

#include <sstream>

namespace velatura::cli {
namespace {

constexpr std::size_t kColumn = 30;
constexpr std::size_t kWidth = 80;

std::string join(const std::vector<std::string>& parts, const std::string& separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

// `left` in the first column, `right` wrapped in the second.
std::string two_columns(const std::string& left, const std::string& right) {
  std::string text = left;
  std::size_t at = left.size();
  if (at + 2 > kColumn) {
    text += "\n";
    at = 0;
  }
  std::istringstream words(right);
  bool line_start = true;
  for (std::string word; words >> word;) {
    if (!line_start && at + 1 + word.size() > kWidth) {
      text += "\n";
      at = 0;
      line_start = true;
    }
    if (line_start) {
      text += std::string(kColumn - at, ' ');
      at = kColumn;
    } else {
      text += " ";
      ++at;
    }
    text += word;
    at += word.size();
    line_start = false;
  }
  return text + "\n";
}

// What the type name holds: the unit, and behind a colon what the validators say.
std::pair<std::string, std::string> unit_and_range(const CLI::Option& option) {
  if (option.get_type_size() == 0) return {"", ""};  // a flag
  const std::string type = option.get_type_name();
  const std::size_t colon = type.find(':');
  return {type.substr(0, colon), colon == std::string::npos ? "" : type.substr(colon + 1)};
}

}  // namespace

std::string HelpFormatter::make_usage(const CLI::App* app, std::string name) const {
  std::string usage = "\nUsage: " + (name.empty() ? "" : name + " ") + app->get_name();
  if (!app->get_subcommands(nullptr).empty()) usage += " COMMAND";
  for (const CLI::Option* option : app->get_options()) {
    if (option->get_positional()) usage += " [" + option->get_type_name() + "]";
  }
  return usage + " [options]\n";
}

// Positionals are in the usage line and, under their long names, among the options.
std::string HelpFormatter::make_positionals(const CLI::App*) const { return ""; }

std::string HelpFormatter::make_option(const CLI::Option* option, bool) const {
  std::vector<std::string> names;
  std::vector<std::string> others;
  for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  bool canonical = true;
  for (const std::string& name : option->get_lnames()) {
    if (name.find('_') != std::string::npos) continue;
    (canonical ? names : others).push_back("--" + name);
    canonical = false;
  }
  const auto [unit, range] = unit_and_range(*option);
  const std::string indent = option->get_snames().empty() ? "      " : "  ";

  std::vector<std::string> notes;
  if (!option->get_default_str().empty()) notes.push_back("default " + option->get_default_str());
  if (!range.empty()) notes.push_back(range);
  if (!others.empty()) notes.push_back("also " + join(others, ", "));
  const std::string note = notes.empty() ? "" : " (" + join(notes, "; ") + ")";
  return two_columns(indent + join(names, ", ") + (unit.empty() ? "" : " " + unit),
                     option->get_description() + note);
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
  return two_columns("  " + command->get_name(), command->get_description());
}

}  // namespace velatura::cli
