#include "tokenizer/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <vector>

#include "core/text.h"

namespace velatura::tokenizer {
namespace {

constexpr bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}
constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

CharClass look_up_class(char32_t c) {
  if ((c >= 0x9 && c <= 0xD) || c == 0x85) return CharClass::space;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
      return CharClass::letter;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return CharClass::number;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return CharClass::space;
    default:
      return CharClass::other;
  }
}

int combining_class(utf8proc_int32_t c) {
  return utf8proc_get_property(c)->combining_class;
}

// utf8proc_map() would do, but takes quadratic time to order a long run of combining marks.
std::vector<utf8proc_int32_t> nfc(std::string_view text) {
  constexpr auto kCompose = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  std::vector<utf8proc_int32_t> points;
  points.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    std::array<utf8proc_int32_t, 4> parts;  // the longest canonical decomposition
    const auto c = static_cast<utf8proc_int32_t>(*next_code_point(text, i));
    const auto count = utf8proc_decompose_char(c, parts.data(), parts.size(), kCompose, nullptr);
    points.insert(points.end(), parts.begin(), parts.begin() + count);
  }
  for (auto run = points.begin(); run != points.end();) {
    run = std::find_if(run, points.end(), combining_class);
    const auto end = std::find_if_not(run, points.end(), combining_class);
    std::ranges::stable_sort(run, end, {}, combining_class);
    run = end;
  }
  const auto composed = utf8proc_normalize_utf32(
      points.data(), static_cast<utf8proc_ssize_t>(points.size()), kCompose);
  points.resize(static_cast<std::size_t>(composed));
  return points;
}

}  // namespace

CharClass char_class(char32_t c) {
  static const std::array<CharClass, 128> ascii = [] {
    std::array<CharClass, 128> classes{};
    for (char32_t i = 0; i < classes.size(); ++i) classes[i] = look_up_class(i);
    return classes;
  }();
  return c < ascii.size() ? ascii[c] : look_up_class(c);
}

std::string nfc_lower(std::string_view text) {
  std::string lowered;
  lowered.reserve(text.size());
  if (std::ranges::all_of(text, is_ascii)) {
    std::ranges::transform(text, std::back_inserter(lowered), ascii_lower);
    return lowered;
  }
  constexpr utf8proc_int32_t kDottedCapitalI = 0x130;  // the one character with a longer lower case
  for (const utf8proc_int32_t c : nfc(text)) {
    if (c == kDottedCapitalI) {
      lowered += "i\u0307";
    } else {
      append_utf8(lowered, static_cast<char32_t>(utf8proc_tolower(c)));
    }
  }
  return lowered;
}

std::size_t grapheme_end(std::string_view text, std::size_t begin) {
  utf8proc_int32_t state = 0;
  std::size_t end = begin;
  auto before = static_cast<utf8proc_int32_t>(*next_code_point(text, end));
  while (end < text.size()) {
    std::size_t next = end;
    const auto c = static_cast<utf8proc_int32_t>(*next_code_point(text, next));
    if (utf8proc_grapheme_break_stateful(before, c, &state)) break;
    before = c;
    end = next;
  }
  return end;
}

}  // namespace velatura::tokenizer
