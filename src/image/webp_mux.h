#pragma once

#include <webp/mux.h>

#include <cstdint>
#include <memory>

#include "image/bytes.h"

namespace velatura {

/// The chunks of a WebP file; null if it is none.
using WebpMux = std::unique_ptr<WebPMux, decltype(&WebPMuxDelete)>;

inline WebPData webp_data(ByteView bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

inline WebpMux open_webp(const WebPData& file) {
  return {WebPMuxCreate(&file, /*copy_data=*/0), &WebPMuxDelete};
}

/// What stands in a chunk, empty if there is none.
inline ByteView webp_chunk(const WebpMux& mux, const char* name) {
  WebPData data{};
  if (!mux || WebPMuxGetChunk(mux.get(), name, &data) != WEBP_MUX_OK) return {};
  return {reinterpret_cast<const std::byte*>(data.bytes), data.size};
}

}  // namespace velatura
