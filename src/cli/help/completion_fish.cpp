#include "cli/help/completion.h"

namespace velatura::cli {
namespace {

constexpr const char* kFishBegin =
    R"(# Completion of velatura in fish; made by: velatura completion fish

# Whether this is the command that has been given; '' while none has.
function __velatura_command
    set -l words (commandline -opc)
    test "$words[2]" = "$argv[1]"
end

complete -c velatura -f
)";

std::string quoted(const std::string& text) {
  std::string safe = "'";
  for (const char c : text) {
    if (c == '\\' || c == '\'') safe += '\\';
    safe += c;
  }
  return safe + "'";
}

// Folders are files here: fish offers both wherever it offers either.
std::string words_and_files(const Offer& offer) {
  std::string text = offer.files == Files::none ? "" : " -F";
  if (!offer.words.empty()) text += " -a " + quoted(join(offer.words, " "));
  return text;
}

std::string option_lines(const CommandFacts& command, const std::string& condition) {
  std::string lines;
  for (const OptionFacts& option : command.options) {
    if (option.names.empty()) continue;
    std::string line = condition;
    for (const std::string& name : option.names) {
      line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    if (!option.unit.empty()) {
      const Offer offer = offer_for(option);
      if (!option.value_optional) line += offer.files == Files::none ? " -x" : " -r";
      line += words_and_files(offer);
    }
    lines += line + " -d " + quoted(option.description) + "\n";
  }
  return lines;
}

}  // namespace

std::string fish_completion(const ProgramFacts& program) {
  const auto when = [](const std::string& command) {
    return "complete -c velatura -n " + quoted("__velatura_command '" + command + "'");
  };
  std::string script = kFishBegin + option_lines(program.program, when(""));
  for (const CommandFacts& command : program.commands) {
    script += when("") + " -a " + command.name + " -d " + quoted(command.description) + "\n";
  }
  for (const CommandFacts& command : program.commands) {
    script += "\n" + option_lines(command, when(command.name));
    const Offer positional = offer_for_positional(command);
    if (!positional.empty()) script += when(command.name) + words_and_files(positional) + "\n";
  }
  return script;
}

}  // namespace velatura::cli
