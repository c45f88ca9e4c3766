#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace velatura::terminal {

/// RFC 4648, section 4: with padding, without line ends.
std::string base64(std::span<const std::byte> bytes);

}  // namespace velatura::terminal
