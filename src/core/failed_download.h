#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace velatura {

/// What a file that should have held weights, a picture or a config holds instead because it was
/// not downloaded: nothing, zeros, a pointer to it or what a server said, as the rest of a message
/// ("this is a failed download: the server said 'Entry not found'"). Nothing if its first bytes do
/// not tell that.
/// @param file  of which 4096 bytes are enough
std::optional<std::string> failed_download(std::span<const std::byte> file);

/// True for bytes that are text in UTF-8 without control characters, perhaps cut at the end.
bool is_plain_text(std::span<const std::byte> bytes);

/// The beginning of a text for a message, between quotes, in one line.
std::string text_excerpt(std::span<const std::byte> text);

}  // namespace velatura
