#pragma once

#include <string>
#include <string_view>

namespace velatura::tokenizer {

enum class CharClass { letter, number, space, other };

/// General category L, general category N, White_Space, or none of them.
CharClass char_class(char32_t c);

/// Normalisation form C, then lower case character by character (no final sigma).
/// @param text  well-formed UTF-8
std::string nfc_lower(std::string_view text);

}  // namespace velatura::tokenizer
