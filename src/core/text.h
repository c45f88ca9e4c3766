#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace velatura {

/// True for well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF).
bool is_utf8(std::string_view text);

/// How many bytes the character has that begins with this byte; 0 if none does.
std::size_t utf8_sequence_length(char lead);

/// The character that starts at `i` (below text.size()); moves `i` behind it. Nothing, and `i` as
/// it was, if the bytes there are not well-formed UTF-8.
std::optional<char32_t> next_code_point(std::string_view text, std::size_t& i);

/// Appends a Unicode scalar value as UTF-8.
void append_utf8(std::string& text, char32_t c);

/// Bytes that are one character each, U+0000 … U+00FF.
std::string utf8_from_latin1(std::string_view latin1);

/// With the letters of ASCII in lower case; all else as it is.
std::string in_lower_case(std::string_view text);

/// Without the byte-order mark that some editors put before UTF-8.
std::string_view without_byte_order_mark(std::string_view text);

/// Up to its first line end: what libraries' errors say, without where they said it.
std::string first_line(std::string_view text);

/// The shortest text that reads back as the same number: "0.8", "7.5", "1e-05".
std::string number_text(double value);

/// Memory as people read it: "2.8 GiB".
std::string gib_text(double bytes);

/// The candidate that begins with `word` and a hyphen, else that with the smallest edit distance to it (case ignored),
/// or "" if none is near.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace velatura
