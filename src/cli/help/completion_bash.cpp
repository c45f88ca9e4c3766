#include "cli/help/completion.h"

namespace velatura::cli {
namespace {

// readline splits "--sampler=euler" at the '=' into three words.
constexpr const char* kBashBegin =
    R"(# Completion of velatura in bash; made by: velatura completion bash

_velatura() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local options= words= files= name equals=
  COMPREPLY=()
  if [[ $word == = ]]; then
    word= equals='='
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]} equals='='
  fi
  if ((COMP_CWORD == 1)); then
    words=)";

constexpr const char* kMiddle = R"(
  else
    case ${COMP_WORDS[1]} in
)";

constexpr const char* kBashEnd = R"(    esac
  fi
  [[ $word == -* ]] && words=$options files=
  while IFS= read -r name; do
    COMPREPLY+=("$name")
  done < <(
    [[ -n $words ]] && compgen -W "$words" -- "$word"
    [[ -n $files ]] && compgen "$files" -- "$word"
  )
  [[ -n $files ]] && compopt -o filenames 2> /dev/null
  return 0
}
complete -F _velatura velatura
)";

std::string assignments(const Offer& offer) {
  std::string text;
  if (!offer.words.empty()) text += " words=" + shell_quoted(join(offer.words, " "));
  if (offer.files != Files::none) text += offer.files == Files::any ? " files=-f" : " files=-d";
  return text;
}

std::string option_case(const OptionFacts& option) {
  std::vector<std::string> names = option.names;
  names.insert(names.end(), option.aliases.begin(), option.aliases.end());
  const std::string then = assignments(offer_for(option));
  const std::string only = option.value_optional ? " [[ -n $equals ]] &&" : "";
  return "          " + join(names, "|") + ")" + only + (then.empty() ? " return" : then) + " ;;\n";
}

std::string command_case(const CommandFacts& command) {
  std::string text = "      " + command.name + ")\n";
  std::vector<std::string> names;
  std::string cases;
  for (const OptionFacts& option : command.options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
    if (!option.unit.empty()) cases += option_case(option);
  }
  text += "        options=" + shell_quoted(join(names, " ")) + "\n";
  text += "        case $before in\n" + cases;
  const std::string positional = assignments(offer_for_positional(command));
  if (!positional.empty()) text += "          *)" + positional + " ;;\n";
  return text + "        esac\n        ;;\n";
}

}  // namespace

std::string bash_completion(const ProgramFacts& program) {
  std::vector<std::string> first;
  for (const CommandFacts& command : program.commands) first.push_back(command.name);
  std::vector<std::string> options;
  for (const OptionFacts& option : program.program.options) {
    options.insert(options.end(), option.names.begin(), option.names.end());
  }
  std::string script = kBashBegin + shell_quoted(join(first, " ")) +
                       " options=" + shell_quoted(join(options, " ")) + kMiddle;
  for (const CommandFacts& command : program.commands) script += command_case(command);
  return script + kBashEnd;
}

}  // namespace velatura::cli
