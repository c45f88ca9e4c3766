#include "cli/help/completion.h"

namespace velatura::cli {
namespace {

constexpr const char* kZshBegin = R"(#compdef velatura
# Completion of velatura in zsh; made by: velatura completion zsh

_velatura() {
  local curcontext=$curcontext state line
  typeset -A opt_args
)";

constexpr const char* kZshEnd = R"(      esac
      ;;
  esac
}
if [[ $funcstack[1] == _velatura ]]; then
  _velatura "$@"
else
  compdef _velatura velatura
fi
)";

// As _arguments and _describe want their texts.
std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\\' || c == ':' || c == '[' || c == ']') safe += '\\';
    safe += c;
  }
  return safe;
}

// "UNIT:what to complete".
std::string value(const OptionFacts& option) {
  const Offer offer = offer_for(option);
  const std::string files = offer.files == Files::none  ? ""
                            : offer.files == Files::any ? "_files"
                                                        : "_files -/";
  std::string action = files.empty() ? " " : files;
  if (!offer.words.empty()) {
    const std::string words = join(offer.words, " ");
    action = files.empty() ? "(" + words + ")" : "{compadd -- " + words + "; " + files + "}";
  }
  return escaped(option.unit) + ":" + action;
}

// _arguments specs, one a name: "-m+" takes "-m X" and "-mX", "--model=" "--model X" and
// "--model=X", "--show=-" and two colons "--show" and "--show=X"; what is between parentheses is
// not offered again.
std::string specs(const CommandFacts& command) {
  std::string text;
  for (const OptionFacts& option : command.options) {
    for (const std::string& name : option.names) {
      std::string spec = "(" + join(option.names, " ") + ")" + name;
      if (!option.unit.empty()) spec += name.starts_with("--") ? "=" : "+";
      if (option.value_optional) spec += "-";
      spec += "[" + escaped(option.description) + "]";
      if (option.value_optional) spec += ":";
      if (!option.unit.empty()) spec += ":" + value(option);
      text += " \\\n            " + shell_quoted(spec);
    }
    if (option.positional) text += " \\\n            " + shell_quoted("1:" + value(option));
  }
  return text;
}

}  // namespace

std::string zsh_completion(const ProgramFacts& program) {
  std::string commands;
  std::string cases;
  for (const CommandFacts& command : program.commands) {
    commands += "        " + shell_quoted(command.name + ":" + escaped(command.description)) + "\n";
    cases +=
        "        " + command.name + ")\n          _arguments" + specs(command) + "\n          ;;\n";
  }
  return kZshBegin + ("  _arguments -C" + specs(program.program)) +
         " \\\n            '1:command:->command'" + " \\\n            '*::argument:->argument'\n" +
         "  case $state in\n    command)\n      local -a commands=(\n" + commands +
         "      )\n      _describe command commands\n      ;;\n    argument)\n" +
         "      case $line[1] in\n" + cases + kZshEnd;
}

}  // namespace velatura::cli
