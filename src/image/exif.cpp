#include "image/exif.h"

#include <cstdint>
#include <string_view>

#include "core/text.h"

namespace velatura {
namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t kExifDirectory = 0x8769, kExifVersion = 0x9000, kUserComment = 0x9286;
constexpr std::uint32_t kOrientation = 0x0112;
constexpr std::uint32_t kTypeLong = 4, kTypeUndefined = 7;
constexpr std::string_view kUnicode = "UNICODE\0"sv, kAscii = "ASCII\0\0\0"sv;
constexpr std::string_view kJpegHead = "Exif\0\0"sv;
constexpr std::size_t kEntry = 12;

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

// Nothing if a surrogate stands alone.
std::optional<std::string> utf8_from_utf16(std::string_view utf16) {
  const auto unit = [&](std::size_t i) {
    const std::uint32_t first = static_cast<std::uint8_t>(utf16[i]);
    const std::uint32_t second = static_cast<std::uint8_t>(utf16[i + 1]);
    return first << 8u | second;
  };
  std::string text;
  for (std::size_t i = 0; i + 1 < utf16.size(); i += 2) {
    std::uint32_t c = unit(i);
    if (c >= 0xDC00 && c < 0xE000) return std::nullopt;
    if (c >= 0xD800 && c < 0xDC00) {
      i += 2;
      if (i + 1 >= utf16.size() || unit(i) < 0xDC00 || unit(i) > 0xDFFF) return std::nullopt;
      c = 0x10000u + ((c & 0x3FFu) << 10u) + (unit(i) & 0x3FFu);
    }
    append_utf8(text, c);
  }
  return text;
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

  std::string_view bytes(std::size_t at, std::size_t size) const {
    if (at > block_.size() || size > block_.size() - at) return {};
    return block_.substr(at, size);
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

std::optional<std::string> read_user_comment(ByteView block) {
  const Tiff tiff(block);
  const auto first = tiff.number(4, 4);
  if (tiff.number(2, 2) != 42u || !first) return std::nullopt;
  const auto pointer = tiff.entry(*first, kExifDirectory);
  if (!pointer) return std::nullopt;
  const auto directory = tiff.number(*pointer + 8, 4);
  if (!directory) return std::nullopt;
  const auto comment = tiff.entry(*directory, kUserComment);
  if (!comment) return std::nullopt;
  const auto size = tiff.number(*comment + 4, 4), at = tiff.number(*comment + 8, 4);
  if (!size || !at) return std::nullopt;
  std::string_view text = tiff.bytes(*at, *size);
  if (text.starts_with(kAscii)) return std::string(text.substr(kAscii.size()));
  if (!text.starts_with(kUnicode)) return std::nullopt;
  text.remove_prefix(kUnicode.size());
  return utf8_from_utf16(text);
}

int read_orientation(ByteView block) {
  if (as_text(block).starts_with(kJpegHead)) block = block.subspan(kJpegHead.size());
  const Tiff tiff(block);
  const auto first = tiff.number(4, 4);
  if (tiff.number(2, 2) != 42u || !first) return 1;
  const auto entry = tiff.entry(*first, kOrientation);
  if (!entry) return 1;
  const bool is_long = tiff.number(*entry + 2, 2) == kTypeLong;
  const std::uint32_t value = tiff.number(*entry + 8, is_long ? 4 : 2).value_or(1);
  return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
}

}  // namespace velatura
