#include "image/exif.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "core/text.h"

namespace velatura {
namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t kExifDirectory = 0x8769, kExifVersion = 0x9000, kUserComment = 0x9286;
constexpr std::uint32_t kOrientation = 0x0112;
constexpr std::uint32_t kTypeLong = 4, kTypeUndefined = 7;
constexpr std::string_view kUnicode = "UNICODE\0"sv, kAscii = "ASCII\0\0\0"sv;
constexpr std::string_view kJis = "JIS\0\0\0\0\0"sv, kUndefined = "\0\0\0\0\0\0\0\0"sv;
constexpr std::string_view kJpegHead = "Exif\0\0"sv;
constexpr std::size_t kEntry = 12;

// Texts of the first directory, by tag: ComfyUI counts down from Model and Make.
constexpr std::array<std::pair<std::uint32_t, std::string_view>, 6> kTexts{{
    {0x010C, ""},
    {0x010D, ""},
    {0x010E, "Description"},
    {0x010F, ""},
    {0x0110, ""},
    {0x0131, "Software"},
}};

std::string utf16_from_utf8(std::string_view text) {
  std::string utf16;
  const auto unit = [&](std::uint32_t value) {
    utf16 += static_cast<char>(value >> 8u);
    utf16 += static_cast<char>(value & 0xFFu);
  };
  for (std::size_t i = 0; i < text.size();) {
    const auto decoded = next_code_point(text, i);
    if (!decoded) ++i;
    const std::uint32_t c = decoded.value_or(0xFFFD);
    if (c < 0x10000) {
      unit(c);
    } else {
      unit(0xD800u + ((c - 0x10000u) >> 10u));
      unit(0xDC00u + ((c - 0x10000u) & 0x3FFu));
    }
  }
  return utf16;
}

// 16-bit units of a text; a byte left over is dropped.
class Units {
 public:
  Units(std::string_view utf16, bool big_endian) : utf16_(utf16), big_endian_(big_endian) {}

  std::size_t count() const { return utf16_.size() / 2; }
  std::uint32_t operator[](std::size_t i) const {
    const std::uint32_t first = static_cast<std::uint8_t>(utf16_[2 * i]);
    const std::uint32_t second = static_cast<std::uint8_t>(utf16_[2 * i + 1]);
    return big_endian_ ? first << 8u | second : second << 8u | first;
  }
  std::size_t count_ascii() const {
    std::size_t ascii = 0;
    for (std::size_t i = 0; i < count(); ++i) ascii += (*this)[i] - 1 < 0x7F ? 1 : 0;
    return ascii;
  }

 private:
  std::string_view utf16_;
  bool big_endian_;
};

std::string utf8_of(const Units& units) {
  const auto is_low = [&](std::size_t i) {
    return i < units.count() && units[i] >= 0xDC00 && units[i] < 0xE000;
  };
  std::string text;
  for (std::size_t i = 0; i < units.count(); ++i) {
    std::uint32_t c = units[i];
    if (c >= 0xD800 && c < 0xDC00 && is_low(i + 1)) {
      c = 0x10000u + ((c & 0x3FFu) << 10u) + (units[++i] & 0x3FFu);
    } else if (c >= 0xD800 && c < 0xE000) {
      c = 0xFFFD;
    }
    append_utf8(text, c);
  }
  return text;
}

std::string utf8_from_utf16(std::string_view utf16) {
  if (utf16.starts_with("\xFE\xFF")) return utf8_of({utf16.substr(2), true});
  if (utf16.starts_with("\xFF\xFE")) return utf8_of({utf16.substr(2), false});
  const Units big(utf16, true), little(utf16, false);
  return utf8_of(little.count_ascii() > big.count_ascii() ? little : big);
}

// Without the zeros at its end, which fill room.
std::string_view cut_zeros(std::string_view text) {
  return text.substr(0, text.find_last_not_of('\0') + 1);
}

/// A TIFF block; what lies outside of it reads as nothing.
class Tiff {
 public:
  explicit Tiff(ByteView block) : block_(as_text(block)), big_endian_(block_.starts_with("MM")) {}

  std::optional<std::uint32_t> number(std::size_t at, std::size_t size) const {
    if (at > block_.size() || size > block_.size() - at) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t index = at + (big_endian_ ? i : size - 1 - i);
      value = value << 8u | static_cast<std::uint8_t>(block_[index]);
    }
    return value;
  }

  /// Where the directory's entry with that tag begins.
  std::optional<std::size_t> entry(std::size_t directory, std::uint32_t tag) const {
    const std::uint32_t count = number(directory, 2).value_or(0);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::size_t at = directory + 2 + i * kEntry;
      const auto found = number(at, 2);
      if (!found) return std::nullopt;
      if (*found == tag) return at;
    }
    return std::nullopt;
  }

  /// What an entry holds, if it is bytes or text.
  std::string_view bytes_of(std::size_t entry) const {
    const auto size = number(entry + 4, 4), value = number(entry + 8, 4);
    if (!size || !value) return {};
    const std::size_t at = *size <= 4 ? entry + 8 : *value;
    if (at > block_.size() || *size > block_.size() - at) return {};
    return block_.substr(at, *size);
  }

  std::optional<std::size_t> first_directory() const {
    if (number(2, 2) != 42u) return std::nullopt;
    const auto first = number(4, 4);
    return first ? std::optional<std::size_t>(*first) : std::nullopt;
  }

 private:
  std::string_view block_;
  bool big_endian_;
};

}  // namespace

Bytes exif_block(const std::string& user_comment) {
  const std::string comment = std::string(kUnicode) + utf16_from_utf8(user_comment);
  constexpr std::uint32_t kFirst = 8, kSecond = kFirst + 2 + kEntry + 4;
  constexpr std::uint32_t kData = kSecond + 2 + 2 * kEntry + 4;
  Bytes block;
  const auto short_value = [&](std::uint32_t value) { append_big_endian(block, value, 2); };
  const auto long_value = [&](std::uint32_t value) { append_big_endian(block, value, 4); };
  const auto entry = [&](std::uint32_t tag, std::uint32_t type, std::uint32_t count) {
    short_value(tag);
    short_value(type);
    long_value(count);
  };
  append(block, "MM");
  short_value(42);
  long_value(kFirst);
  short_value(1);
  entry(kExifDirectory, kTypeLong, 1);
  long_value(kSecond);
  long_value(0);  // no further directory
  short_value(2);
  entry(kExifVersion, kTypeUndefined, 4);
  append(block, "0232");
  entry(kUserComment, kTypeUndefined, static_cast<std::uint32_t>(comment.size()));
  long_value(kData);
  long_value(0);
  append(block, comment);
  return block;
}

std::string decode_user_comment(std::string_view comment) {
  constexpr std::size_t kCode = 8;
  std::string code(comment.substr(0, kCode));
  std::ranges::transform(code, code.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const bool is_coded = code == kUnicode || code == kAscii || code == kJis || code == kUndefined;
  if (is_coded) comment.remove_prefix(kCode);
  const bool is_marked = comment.starts_with("\xFE\xFF") || comment.starts_with("\xFF\xFE");
  const std::string_view text = cut_zeros(comment);
  const bool has_zeros = text.find('\0') != text.npos;
  if (is_marked || has_zeros || (code == kUnicode && !is_utf8(text))) {
    return utf8_from_utf16(comment);
  }
  const std::string_view unmarked = without_byte_order_mark(text);
  if (unmarked.size() < text.size()) return std::string(unmarked);
  return is_utf8(text) ? std::string(text) : utf8_from_latin1(text);
}

PictureTexts read_exif_texts(ByteView block) {
  if (as_text(block).starts_with(kJpegHead)) block = block.subspan(kJpegHead.size());
  PictureTexts texts;
  const Tiff tiff(block);
  const auto first = tiff.first_directory();
  if (!first) return texts;
  const auto text_at = [&tiff](std::size_t directory, std::uint32_t tag) {
    const auto entry = tiff.entry(directory, tag);
    return entry ? tiff.bytes_of(*entry) : std::string_view();
  };
  std::string_view comment = text_at(*first, kUserComment);
  if (const auto pointer = tiff.entry(*first, kExifDirectory); pointer && comment.empty()) {
    comment = text_at(tiff.number(*pointer + 8, 4).value_or(0), kUserComment);
  }
  if (std::string text = decode_user_comment(comment); !text.empty()) {
    texts.insert_or_assign(std::string(kParametersKey), std::move(text));
  }
  for (const auto& [tag, name] : kTexts) {
    const std::string text = decode_user_comment(text_at(*first, tag));
    const std::size_t colon = text.find(":{");
    const auto is_letter = [](unsigned char c) { return std::isalpha(c) != 0; };
    if (colon != text.npos && std::ranges::all_of(text.substr(0, colon), is_letter)) {
      texts.try_emplace(in_lower_case(text.substr(0, colon)), text.substr(colon + 1));
    } else if (!text.empty() && !name.empty()) {
      texts.insert_or_assign(std::string(name), text);
    }
  }
  return texts;
}

int read_orientation(ByteView block) {
  if (as_text(block).starts_with(kJpegHead)) block = block.subspan(kJpegHead.size());
  const Tiff tiff(block);
  const auto first = tiff.first_directory();
  if (!first) return 1;
  const auto entry = tiff.entry(*first, kOrientation);
  if (!entry) return 1;
  const bool is_long = tiff.number(*entry + 2, 2) == kTypeLong;
  const std::uint32_t value = tiff.number(*entry + 8, is_long ? 4 : 2).value_or(1);
  return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
}

}  // namespace velatura
