#pragma once

#include <cstddef>
#include <string_view>

namespace velatura::batch {

/// How many bytes the blank has that stands at `i`; 0 if none does. Blanks are those within a line:
/// of ASCII, and those that word processors and web pages put in their place (U+00A0, U+2009,
/// U+3000, …), of no width, too.
std::size_t blank_at(std::string_view text, std::size_t i);

/// True if a blank ends right before `i`, or the text begins there.
bool is_apart(std::string_view text, std::size_t i);

std::string_view without_blanks_around(std::string_view text);

}  // namespace velatura::batch
