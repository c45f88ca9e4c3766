#include "cli/help.h"

#include <sstream>

namespace velatura::cli {
namespace {

constexpr std::size_t kWidth = 80;

std::string join(const std::vector<std::string>& parts, const std::string& separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

// What the type name holds: the unit, and behind a colon what the validators say.
std::pair<std::string, std::string> unit_and_range(const CLI::Option& option) {
  if (option.get_type_size() == 0) return {"", ""};  // a flag
  const std::string type = option.get_type_name();
  const std::size_t colon = type.find(':');
  return {type.substr(0, colon), colon == std::string::npos ? "" : type.substr(colon + 1)};
}

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
  std::string usage = "\nUsage: " + name;
  if (!app->get_subcommands(nullptr).empty()) usage += " COMMAND";
  for (const CLI::Option* option : app->get_options()) {
    if (option->get_positional()) usage += " [" + option->get_type_name() + "]";
  }
  return usage + " [options]\n\n";
}

// Positionals are in the usage line and, under their long names, among the options.
std::string HelpFormatter::make_positionals(const CLI::App*) const {
  return "";
}

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
