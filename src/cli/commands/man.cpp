#include <iostream>
#include <string>
#include <string_view>

#include "cli/command.h"
#include "cli/help/program_facts.h"
#include "cli/help/topics.h"
#include "core/version.h"

namespace velatura::cli {
namespace {

// Text for roff: no character of it is a request or an escape, and a hyphen can be copied as one.
std::string escaped(std::string_view text) {
  std::string safe;
  bool line_start = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (line_start && (c == '.' || c == '\'')) safe += R"(\&)";
    if (c == '\\') {
      safe += R"(\e)";
    } else if (c == '-') {
      safe += R"(\-)";
    } else if (text.substr(i).starts_with("…")) {
      safe += "...";
      i += std::string_view("…").size() - 1;
    } else {
      safe += c;
    }
    line_start = c == '\n';
  }
  return safe;
}

std::string entry(std::string_view term, std::string_view meaning) {
  return ".TP\n\\fB" + escaped(term) + "\\fR\n" + escaped(meaning) + "\n";
}

std::string section(const std::string& title) {
  return ".SH " + title + "\n";
}

std::string verbatim(std::string_view text) {
  return ".nf\n" + escaped(text) + (text.ends_with('\n') ? "" : "\n") + ".fi\n";
}

std::string options_of(const CommandFacts& command) {
  std::string text;
  for (const OptionFacts& option : command.options) {
    text += entry(signature(option), explanation(option));
  }
  return text;
}

std::string command_text(const CommandFacts& command) {
  std::string text = ".SS " + escaped(command.name) + "\n" + escaped(command.description) +
                     ".\n.PP\n.B " + escaped(command.usage) + "\n" + options_of(command);
  if (!command.footer.empty()) text += ".PP\n" + verbatim(command.footer);
  return text;
}

std::string topic_section(const std::string& title, std::string_view name) {
  std::string text = section(title);
  if (!topic(name).lead.empty()) text += escaped(topic(name).lead) + "\n";
  for (const auto& [term, meaning] : topic(name).entries) text += entry(term, meaning);
  return text;
}

std::string manual(const ProgramFacts& facts) {
  const CommandFacts& program = facts.program;
  std::string text = ".TH VELATURA 1 \"" + std::string(revision_date()) + "\" \"velatura " +
                     version() + "\" \"User Commands\"\n" + section("NAME") +
                     "velatura \\- make pictures from text with Stable Diffusion models\n" +
                     section("SYNOPSIS") + ".B " + escaped(program.usage) + "\n" +
                     section("DESCRIPTION") + escaped(program.description) +
                     "\nEach command has options of its own; "
                     "an option given twice takes the last value.\n" +
                     section("OPTIONS") + options_of(program) + section("COMMANDS");
  for (const CommandFacts& command : facts.commands) text += command_text(command);
  return text + topic_section("MODELS", "models") + topic_section("OUTPUT NAMES", "output") +
         topic_section("JOB FILES", "jobs") + topic_section("CONFIG FILES", "config") +
         topic_section("ENVIRONMENT", "environment") + topic_section("FILES", "files") +
         topic_section("EXIT STATUS", "exit-codes") + section("EXAMPLES") + verbatim(examples()) +
         section("SEE ALSO") +
         escaped(
             "velatura help TOPIC tells more: models, output, jobs, config, files, samplers, licences.") +
         "\n";
}

}  // namespace

Command add_man(CLI::App& program) {
  CLI::App* command =
      program.add_subcommand("man", "Print the manual page, for man -l or man1/velatura.1");
  return {command, [&program] { std::cout << manual(facts_of(program)); }};
}

}  // namespace velatura::cli
