#include <algorithm>
#include <cstddef>
#include <memory>

#include "image/bmp_rle.h"
#include "image/formats.h"
#include "velatura/error.h"

#define STBI_NO_STDIO
#define STBI_ONLY_BMP
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace velatura {
namespace {

constexpr std::uint32_t kPlain = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3;
constexpr std::size_t kBitsAt = 28, kCompressionAt = 30;

/// What stb_image does not look at.
struct Header {
  std::uint32_t pixels_at, width, height, bits, compression;

  std::uint64_t row_size() const { return (std::uint64_t{width} * bits + 31) / 32 * 4; }
  bool is_packed() const {
    return (compression == kRle8 && bits == 8) || (compression == kRle4 && bits == 4);
  }
};

std::uint32_t little_endian(ByteReader& reader, int size) {
  std::uint32_t value = 0;
  for (int i = 0; i < size; ++i) value |= reader.big_endian(1) << (8 * i);
  return value;
}

Header read_header(ByteReader reader) {
  reader.take(10);
  Header header{};
  header.pixels_at = little_endian(reader, 4);
  const int side = little_endian(reader, 4) == 12 ? 2 : 4;  // the first version's is 16 bits
  header.width = little_endian(reader, side);
  header.height = little_endian(reader, side);
  if (header.height > 0x80000000u) header.height = 0u - header.height;  // top to bottom
  little_endian(reader, 2);                                             // planes
  header.bits = little_endian(reader, 2);
  if (side == 4) header.compression = little_endian(reader, 4);
  return header;
}

// The same file, not compressed, with 8 bits a pixel.
Bytes unpacked(ByteView file, Header header, const ByteReader& packed) {
  const Bytes numbers =
      expand_bmp_rle(packed, header.width, header.height, static_cast<int>(header.bits));
  Bytes plain(file.begin(), file.begin() + header.pixels_at);
  header.bits = 8;
  plain[kBitsAt] = std::byte{8};
  plain[kCompressionAt] = std::byte{kPlain};
  for (std::size_t y = 0; y < header.height; ++y) {
    const auto row = numbers.begin() + static_cast<std::ptrdiff_t>(y * header.width);
    plain.insert(plain.end(), row, row + header.width);
    plain.resize(header.pixels_at + (y + 1) * header.row_size());
  }
  return plain;
}

}  // namespace

// Of 32 bits the upper eight are alpha only where the header says so, with bit fields.
Samples decode_bmp(ByteView bytes, const std::string& where, Observer&) {
  ByteReader reader(bytes, where);
  const Header header = read_header(reader);
  const bool has_alpha = header.bits == 32 && header.compression == kBitFields;
  const int channels = has_alpha ? 4 : 3;
  Samples samples = make_samples(header.width, header.height, channels, 8, where);
  reader.take(std::min<std::size_t>(header.pixels_at, bytes.size()));
  const Bytes plain = header.is_packed() ? unpacked(bytes, header, reader) : Bytes();
  if (header.is_packed()) {
    bytes = plain;
  } else if (header.row_size() * header.height > reader.left()) {
    reader.fail("ends too early");
  }
  int width = 0, height = 0, found = 0;
  const std::unique_ptr<stbi_uc, decltype(&stbi_image_free)> pixels(
      stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(bytes.data()),
                            static_cast<int>(bytes.size()), &width, &height, &found, channels),
      &stbi_image_free);
  if (!pixels || width != samples.width || height != samples.height) {
    const char* reason = pixels ? "contradictory sizes" : stbi_failure_reason();
    reader.fail(std::string("the BMP cannot be decoded: ") + reason);
  }
  std::copy_n(pixels.get(), samples.bytes.size(), samples.bytes.begin());
  return samples;
}

}  // namespace velatura
