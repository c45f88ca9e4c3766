#include "cli/help/completion.h"

#include <array>
#include <iostream>

#include "cli/command.h"
#include "cli/options.h"
#include "weights/locate/model_location.h"

namespace velatura::cli {
namespace {

using Script = std::string (*)(const ProgramFacts&);

constexpr std::array<Choice<Script>, 3> kShells{
    {{"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}}};

constexpr const char* kFooter = R"(Examples:
  velatura completion bash > ~/.local/share/bash-completion/completions/velatura
  velatura completion zsh > ~/.zfunc/_velatura        (a folder in $fpath)
  velatura completion fish > ~/.config/fish/completions/velatura.fish)";

}  // namespace

Offer offer_for(const OptionFacts& option) {
  if (option.unit.starts_with("MODEL")) return {weights::bundled_names(), Files::any};
  if (option.unit == "FOLDER") return {{}, Files::folders};
  const bool file = option.unit == "FILE" || option.unit == "PATH" || option.unit == "VAE" ||
                    option.unit.starts_with("PICTURE");
  return {option.choices, file ? Files::any : Files::none};
}

Offer offer_for_positional(const CommandFacts& command) {
  for (const OptionFacts& option : command.options) {
    if (option.positional) return offer_for(option);
  }
  return {};
}

std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? R"('\'')" : std::string(1, c);
  return quoted + "'";
}

Command add_completion(CLI::App& program) {
  auto script = std::make_shared<Script>(nullptr);
  CLI::App* command =
      program.add_subcommand("completion", "Print a script that completes commands in a shell");
  add_choice(*command, "Input", "shell,--shell", kShells, *script, "The shell it is for")
      ->type_name("SHELL")
      ->required();
  command->footer(kFooter);
  return {command, [script, &program] { std::cout << (*script)(facts_of(program)); }};
}

}  // namespace velatura::cli
