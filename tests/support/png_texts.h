#pragma once

#include <libdeflate.h>

#include <memory>
#include <string>
#include <string_view>

#include "image/png_chunks.h"
#include "velatura/image.h"

namespace velatura {

inline std::string png_chunk(std::string_view type, std::string_view data) {
  Bytes chunk;
  append_big_endian(chunk, static_cast<std::uint32_t>(data.size()), 4);
  append(chunk, type);
  append(chunk, data);
  append_big_endian(chunk, png_crc32(ByteView(chunk).subspan(4)), 4);
  return std::string(as_text(chunk));
}

inline std::string text_chunk(const std::string& key, const std::string& text) {
  return png_chunk("tEXt", key + '\0' + text);
}

inline std::string zlib(const std::string& text) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(6), &libdeflate_free_compressor);
  std::string packed(libdeflate_zlib_compress_bound(compressor.get(), text.size()), '\0');
  packed.resize(libdeflate_zlib_compress(compressor.get(), text.data(), text.size(), packed.data(),
                                         packed.size()));
  return packed;
}

/// A picture of one pixel with these chunks behind its header.
inline std::string png_with(const std::string& chunks) {
  constexpr std::size_t kHeaderEnd = 8 + 12 + 13;
  const auto png = encode_image({1, 1, {1, 2, 3}}, ImageFormat::png, {});
  return std::string(as_text(png)).insert(kHeaderEnd, chunks);
}

}  // namespace velatura
