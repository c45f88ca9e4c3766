#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace velatura::cli {

/// What the parser could place nowhere, in the words of someone who can mend it.
/// @param reader    the command that was chosen, or the program
/// @param words     not empty
/// @param commands  all there are
/// @throws UsageError always
[[noreturn]] void refuse_unplaced(CLI::App& reader, const std::vector<std::string>& words,
                                  const std::vector<const CLI::App*>& commands);

}  // namespace velatura::cli
