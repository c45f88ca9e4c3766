#pragma once

#include <string>
#include <vector>

#include "cli/help/program_facts.h"

namespace velatura::cli {

enum class Files { none, any, folders };

/// What a shell can offer for an option's value.
struct Offer {
  std::vector<std::string> words;
  Files files = Files::none;

  bool empty() const { return words.empty() && files == Files::none; }
};

/// Choices, the names of bundled models for a MODEL, and files, by the option's unit.
Offer offer_for(const OptionFacts& option);

/// The offer for what stands behind a command without an option's name.
Offer offer_for_positional(const CommandFacts& command);

/// A word between single quotes for bash and zsh.
std::string shell_quoted(const std::string& text);

/// Scripts that make a shell complete commands, options and their values.
std::string bash_completion(const ProgramFacts& program);
std::string zsh_completion(const ProgramFacts& program);
std::string fish_completion(const ProgramFacts& program);

}  // namespace velatura::cli
