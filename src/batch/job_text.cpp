#include "batch/job_text.h"

#include <cstdint>

#include "core/text.h"

namespace velatura::batch {
namespace {

constexpr std::string_view kLittleEndianMark = "\xFF\xFE";
constexpr std::string_view kBigEndianMark = "\xFE\xFF";

std::string from_utf16(std::string_view bytes, bool big_endian) {
  constexpr char kMalformed = '\xFF';  // which no UTF-8 has
  const auto unit_at = [&](std::size_t i) -> char32_t {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); };
    return static_cast<char32_t>(big_endian ? byte(i) << 8 | byte(i + 1)
                                            : byte(i + 1) << 8 | byte(i));
  };
  std::string text;
  std::size_t i = 0;
  for (; i + 1 < bytes.size(); i += 2) {
    const char32_t unit = unit_at(i);
    if (unit < 0xD800 || unit > 0xDFFF) {
      append_utf8(text, unit);
      continue;
    }
    const char32_t low = i + 3 < bytes.size() ? unit_at(i + 2) : 0;
    if (unit < 0xDC00 && low >= 0xDC00 && low <= 0xDFFF) {
      append_utf8(text, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
      i += 2;
    } else {
      text += kMalformed;
    }
  }
  if (i < bytes.size()) text += kMalformed;
  return text;
}

std::string with_plain_line_ends(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool ends = text[i] == '\r';
    if (ends && i + 1 < text.size() && text[i + 1] == '\n') ++i;
    plain += ends ? '\n' : text[i];
  }
  return plain;
}

}  // namespace

std::string job_text(std::string_view bytes) {
  const bool little = bytes.starts_with(kLittleEndianMark);
  if (little || bytes.starts_with(kBigEndianMark))
    return with_plain_line_ends(from_utf16(bytes.substr(kLittleEndianMark.size()), !little));
  return with_plain_line_ends(without_byte_order_mark(bytes));
}

}  // namespace velatura::batch
