#pragma once

#include <functional>
#include <string_view>

namespace velatura::tokenizer {

/// Calls `on_word` for every word CLIP's pattern finds in normalised text:
/// `'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`.
/// The pattern's first alternatives, `<|startoftext|>` and `<|endoftext|>`, come out in their
/// three parts, since the byte-level step splits them again by GPT-2's pattern.
/// @param text  well-formed UTF-8; blanks separate words and belong to none
void for_each_word(std::string_view text, const std::function<void(std::string_view)>& on_word);

}  // namespace velatura::tokenizer
