#include "core/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <utility>
#include <vector>

namespace velatura {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Letters that were changed, added, left out, or swapped with their neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  const auto same = [&](std::size_t i, std::size_t j) { return lower(a[i]) == lower(b[j]); };
  // row[j]: between the first i letters of a and the first j of b; the others: of one and two letters of a less.
  std::vector<std::size_t> row(b.size() + 1), last, last_but_one;
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    last_but_one = std::exchange(last, row);
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      row[j + 1] = std::min({last[j] + (same(i, j) ? 0 : 1), row[j] + 1, last[j + 1] + 1});
      if (i > 0 && j > 0 && same(i, j - 1) && same(i - 1, j))
        row[j + 1] = std::min(row[j + 1], last_but_one[j - 1] + 1);
    }
  }
  return row.back();
}

}  // namespace

std::string in_lower_case(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), lower);
  return lowered;
}

std::string_view without_byte_order_mark(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

std::size_t utf8_sequence_length(char lead) {
  const auto byte = static_cast<std::uint8_t>(lead);
  if (byte < 0x80) return 1;
  if (byte < 0xC2 || byte > 0xF4) return 0;
  return byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

std::optional<char32_t> next_code_point(std::string_view text, std::size_t& i) {
  const auto byte = [&](std::size_t k) { return static_cast<std::uint8_t>(text[i + k]); };
  const std::size_t length = utf8_sequence_length(text[i]);
  if (length == 0 || text.size() - i < length) return std::nullopt;
  char32_t c = length == 1 ? byte(0) : byte(0) & (0x7Fu >> length);
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte(k) & 0xC0u) != 0x80u) return std::nullopt;
    c = (c << 6u) | (byte(k) & 0x3Fu);
  }
  const bool overlong = (length == 3 && c < 0x800) || (length == 4 && c < 0x10000);
  const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
  if (overlong || surrogate || c > 0x10FFFF) return std::nullopt;
  i += length;
  return c;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (!next_code_point(text, i)) return false;
  }
  return true;
}

void append_utf8(std::string& text, char32_t c) {
  const auto continuation = [&](unsigned shift) {
    text += static_cast<char>(0x80u | ((c >> shift) & 0x3Fu));
  };
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0u | (c >> 6u));
    continuation(0);
  } else if (c < 0x10000) {
    text += static_cast<char>(0xE0u | (c >> 12u));
    continuation(6);
    continuation(0);
  } else {
    text += static_cast<char>(0xF0u | (c >> 18u));
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

std::string utf8_from_latin1(std::string_view latin1) {
  std::string text;
  for (const char c : latin1) append_utf8(text, static_cast<unsigned char>(c));
  return text;
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

std::string number_text(double value) {
  std::array<char, 32> digits;
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), result.ptr};
}

std::string gib_text(double bytes) {
  std::array<char, 400> text{};  // any double has room
  std::snprintf(text.data(), text.size(), "%.1f GiB", bytes / (1 << 30));
  return text.data();
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  const std::string begun = in_lower_case(word) + "-";
  std::string best;
  // A third of the letters may be others; what is further away is no suggestion.
  std::size_t smallest = std::max(word.size(), std::size_t{3}) / 3 + 1;
  for (const std::string& candidate : candidates) {
    if (in_lower_case(candidate).starts_with(begun)) return candidate;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < smallest) {
      smallest = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace velatura
