#include "image/stb_write.h"

#include <libdeflate.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "velatura/error.h"

// stb frees what this returns with free().
static unsigned char* deflate_for_stb(unsigned char* data, int size, int* packed_size, int level) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(std::clamp(level, 1, 12)), &libdeflate_free_compressor);
  if (!compressor) return nullptr;
  const auto count = static_cast<std::size_t>(size);
  const std::size_t bound = libdeflate_zlib_compress_bound(compressor.get(), count);
  auto* packed = static_cast<unsigned char*>(std::malloc(bound));
  if (!packed) return nullptr;
  *packed_size =
      static_cast<int>(libdeflate_zlib_compress(compressor.get(), data, count, packed, bound));
  return packed;
}

static unsigned int crc32_for_stb(unsigned char* data, int size) {
  return libdeflate_crc32(0, data, static_cast<std::size_t>(size));
}

#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#define STBIW_ZLIB_COMPRESS deflate_for_stb
#define STBIW_CRC32 crc32_for_stb
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

namespace velatura {
namespace {

void append_bytes(void* bytes, void* data, int size) {
  append(*static_cast<Bytes*>(bytes),
         {static_cast<const char*>(data), static_cast<std::size_t>(size)});
}

}  // namespace

Bytes stb_png(const Image& image) {
  Bytes bytes;
  if (!stbi_write_png_to_func(append_bytes, &bytes, image.width, image.height, 3,
                              image.pixels.data(), image.width * 3)) {
    throw OutputError("PNG: out of memory");
  }
  return bytes;
}

Bytes stb_jpeg(const Image& image, int quality) {
  Bytes bytes;
  if (!stbi_write_jpg_to_func(append_bytes, &bytes, image.width, image.height, 3,
                              image.pixels.data(), quality)) {
    throw OutputError("JPEG: the picture could not be encoded");
  }
  return bytes;
}

}  // namespace velatura
