#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace velatura {

/// Decompresses a zlib stream (RFC 1950). Nothing if it is damaged or holds more than `max_bytes`;
/// no more than that is allocated at a time.
std::optional<std::string> inflate_zlib(std::string_view packed, std::size_t max_bytes);

}  // namespace velatura
