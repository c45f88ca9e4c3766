#include "tokenizer/byte_alphabet.h"

#include <array>
#include <cstddef>

#include "core/text.h"

namespace velatura::tokenizer {
namespace {

constexpr bool stands_for_itself(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
}

constexpr std::array<char32_t, 256> kPrintable = [] {
  std::array<char32_t, 256> table{};
  char32_t next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    table[static_cast<std::size_t>(byte)] =
        stands_for_itself(byte) ? static_cast<char32_t>(byte) : next++;
  }
  return table;
}();

// The highest character is U+0143: 68 bytes do not stand for themselves.
constexpr std::array<std::int16_t, 0x144> kByte = [] {
  std::array<std::int16_t, 0x144> table{};
  table.fill(-1);
  for (std::size_t byte = 0; byte < 256; ++byte) {
    table[kPrintable[byte]] = static_cast<std::int16_t>(byte);
  }
  return table;
}();

struct ByteRange {
  std::uint8_t first, last;
};

// What may follow a lead byte (Unicode, table 3-7); every later byte is 80 … BF.
constexpr ByteRange second_byte(std::uint8_t lead) {
  switch (lead) {
    case 0xE0:
      return {0xA0, 0xBF};
    case 0xED:
      return {0x80, 0x9F};
    case 0xF0:
      return {0x90, 0xBF};
    case 0xF4:
      return {0x80, 0x8F};
    default:
      return {0x80, 0xBF};
  }
}

}  // namespace

std::string printable(std::uint8_t byte) {
  std::string symbol;
  append_utf8(symbol, kPrintable[byte]);
  return symbol;
}

std::string bytes_of(std::string_view token) {
  std::string bytes;
  for (std::size_t i = 0; i < token.size();) {
    const auto c = next_code_point(token, i);
    if (!c || *c >= kByte.size() || kByte[*c] < 0) return std::string(token);
    bytes += static_cast<char>(kByte[*c]);
  }
  return bytes;
}

std::string to_utf8_lossy(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<std::uint8_t>(bytes[i]);
    const std::size_t wanted = utf8_sequence_length(bytes[i]);
    std::size_t found = 1;
    ByteRange range = second_byte(lead);
    for (; found < wanted && i + found < bytes.size(); ++found) {
      const auto next = static_cast<std::uint8_t>(bytes[i + found]);
      if (next < range.first || next > range.last) break;
      range = {0x80, 0xBF};
    }
    if (found == wanted) {
      text += bytes.substr(i, wanted);
    } else {
      append_utf8(text, 0xFFFD);
    }
    i += found;
  }
  return text;
}

}  // namespace velatura::tokenizer
