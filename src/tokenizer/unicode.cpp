#include "tokenizer/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <memory>

#include "core/text.h"
#include "velatura/error.h"

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

std::string nfc(std::string_view text) {
  utf8proc_uint8_t* composed = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &composed,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(composed, &std::free);
  if (size < 0) throw InputError(std::string("text: ") + utf8proc_errmsg(size));
  return {reinterpret_cast<const char*>(composed), static_cast<std::size_t>(size)};
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
  constexpr char32_t kDottedCapitalI = 0x130;  // the one character with a longer lower case
  const std::string composed = nfc(text);
  for (std::size_t i = 0; i < composed.size();) {
    const char32_t c = *next_code_point(composed, i);
    if (c < 0x80) {
      lowered += ascii_lower(static_cast<char>(c));
    } else if (c == kDottedCapitalI) {
      lowered += "i\u0307";
    } else {
      append_utf8(lowered,
                  static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))));
    }
  }
  return lowered;
}

}  // namespace velatura::tokenizer
