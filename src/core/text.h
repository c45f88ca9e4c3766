#pragma once

#include <span>
#include <string>
#include <string_view>

namespace velatura {

/// True for well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF).
bool is_utf8(std::string_view text);

/// The candidate with the smallest edit distance to `word` (case ignored), or "" if none is near.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace velatura
