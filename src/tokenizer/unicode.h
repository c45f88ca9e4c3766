#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace velatura::tokenizer {

// utf8proc 2.8 knows Unicode 15.0. The libraries below transformers know 9 (composition), 16
// (classes) and 17 (lower case), so ids may differ for letters, digits and capitals assigned
// after 15.0, and where combining marks assigned after 9 stand beside others. All other characters
// agree.

enum class CharClass { letter, number, space, other };

/// General category L, general category N, White_Space, or none of them.
CharClass char_class(char32_t c);

/// Where the grapheme cluster ends that begins at `begin` (UAX #29, extended). @param text  UTF-8
std::size_t grapheme_end(std::string_view text, std::size_t begin);

/// Normalisation form C, then lower case character by character (no final sigma).
/// @param text  well-formed UTF-8
std::string nfc_lower(std::string_view text);

}  // namespace velatura::tokenizer
