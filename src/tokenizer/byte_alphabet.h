#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace velatura::tokenizer {

/// The printable character (UTF-8) that stands for a byte in byte-level BPE vocabularies
/// (Radford et al. 2019, §2.2): itself if it is printable Latin-1 other than the blanks and the
/// soft hyphen, else the next free one from U+0100 on.
std::string printable(std::uint8_t byte);

/// The bytes a token of that alphabet stands for; the token itself if it has another character.
std::string bytes_of(std::string_view token);

/// The bytes as UTF-8: each longest stretch that cannot be part of a character becomes U+FFFD.
std::string to_utf8_lossy(std::string_view bytes);

}  // namespace velatura::tokenizer
