#include "tokenizer/clip_words.h"

#include <array>
#include <cstddef>

#include "core/text.h"
#include "tokenizer/unicode.h"

namespace velatura::tokenizer {
namespace {

constexpr std::array<std::string_view, 7> kContractions = {"'s", "'t",  "'re", "'ve",
                                                           "'m", "'ll", "'d"};
constexpr std::array<std::string_view, 2> kMarkers = {"<|startoftext|>", "<|endoftext|>"};

template <std::size_t N>
std::string_view prefix(std::string_view text, const std::array<std::string_view, N>& candidates) {
  for (const auto candidate : candidates) {
    if (text.starts_with(candidate)) return candidate;
  }
  return {};
}

// The end of the characters from `i` on that are of class `wanted`.
std::size_t end_of_run(std::string_view text, std::size_t i, CharClass wanted) {
  while (i < text.size()) {
    std::size_t next = i;
    if (char_class(*next_code_point(text, next)) != wanted) break;
    i = next;
  }
  return i;
}

}  // namespace

void for_each_word(std::string_view text, const std::function<void(std::string_view)>& on_word) {
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    if (rest.front() == '<') {
      if (const auto marker = prefix(rest, kMarkers); !marker.empty()) {
        on_word(marker.substr(0, 2));
        on_word(marker.substr(2, marker.size() - 4));
        on_word(marker.substr(marker.size() - 2));
        i += marker.size();
        continue;
      }
    }
    if (rest.front() == '\'') {
      if (const auto contraction = prefix(rest, kContractions); !contraction.empty()) {
        on_word(contraction);
        i += contraction.size();
        continue;
      }
    }
    std::size_t end = i;
    const CharClass first = char_class(*next_code_point(text, end));
    if (first == CharClass::letter || first == CharClass::other) end = end_of_run(text, end, first);
    if (first != CharClass::space) on_word(text.substr(i, end - i));
    i = end;
  }
}

}  // namespace velatura::tokenizer
