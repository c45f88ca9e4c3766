#include "cli/help/program_facts.h"

namespace velatura::cli {
namespace {

constexpr const char* kBetweenChoices = ", ";  // as choices() writes them; no range has it

std::vector<std::string> split(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find(separator, begin)) != std::string::npos;) {
    parts.push_back(text.substr(begin, end - begin));
    begin = end + separator.size();
  }
  parts.push_back(text.substr(begin));
  return parts;
}

CommandFacts command_facts(const CLI::App& app, const std::string& path) {
  CommandFacts facts{
      app.get_name(), app.get_description(), usage_of(app, path), app.get_footer(), {}};
  for (const CLI::Option* option : app.get_options()) facts.options.push_back(facts_of(*option));
  return facts;
}

}  // namespace

std::string join(const std::vector<std::string>& parts, const std::string& separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

OptionFacts facts_of(const CLI::Option& option) {
  OptionFacts facts;
  for (const std::string& name : option.get_snames()) facts.names.push_back("-" + name);
  bool canonical = true;
  for (const std::string& name : option.get_lnames()) {
    if (name.find('_') != std::string::npos) continue;
    (canonical ? facts.names : facts.aliases).push_back("--" + name);
    canonical = false;
  }
  facts.description = option.get_description();
  facts.default_value = option.get_default_str();
  facts.positional = option.get_positional();
  if (option.get_type_size() == 0) return facts;
  const std::string type = option.get_type_name();
  const std::size_t colon = type.find(':');
  facts.unit = type.substr(0, colon);
  facts.value_optional = !facts.unit.empty() && option.get_expected_max() == 0;
  if (colon != std::string::npos) facts.range = type.substr(colon + 1);
  if (facts.range.find(kBetweenChoices) != std::string::npos) {
    facts.choices = split(facts.range, kBetweenChoices);
  }
  return facts;
}

ProgramFacts facts_of(const CLI::App& program) {
  const std::string& name = program.get_name();
  ProgramFacts facts{command_facts(program, name), {}};
  for (const CLI::App* command : program.get_subcommands(nullptr)) {
    facts.commands.push_back(command_facts(*command, name + " " + command->get_name()));
  }
  return facts;
}

std::string signature(const OptionFacts& option) {
  const std::string names = join(option.names, ", ");
  if (option.value_optional) return names + "[=" + option.unit + "]";
  return names + (option.unit.empty() ? "" : " " + option.unit);
}

std::string explanation(const OptionFacts& option) {
  std::vector<std::string> notes;
  if (!option.default_value.empty()) notes.push_back("default " + option.default_value);
  if (!option.range.empty()) notes.push_back(option.range);
  if (!option.aliases.empty()) notes.push_back("also " + join(option.aliases, ", "));
  return option.description + (notes.empty() ? "" : " (" + join(notes, "; ") + ")");
}

std::string usage_of(const CLI::App& app, const std::string& path) {
  std::string usage = path;
  if (!app.get_subcommands(nullptr).empty()) usage += " COMMAND";
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) usage += " [" + facts_of(*option).unit + "]";
  }
  return usage + " [options]";
}

}  // namespace velatura::cli
