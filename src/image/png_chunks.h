#pragma once

#include <libdeflate.h>

#include <cstdint>
#include <string_view>

#include "image/bytes.h"

namespace velatura {

inline constexpr std::string_view kPngSignature{"\x89PNG\r\n\x1A\n", 8};

/// The checksum of a chunk, over its type and its data.
inline std::uint32_t png_crc32(ByteView type_and_data) {
  return libdeflate_crc32(0, type_and_data.data(), type_and_data.size());
}

}  // namespace velatura
