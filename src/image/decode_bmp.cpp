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
constexpr std::uint32_t kCoreSize = 12;  // of the first version's header
constexpr std::size_t kFileHeader = 14, kPixelsAt = 10, kBitsAt = 28, kCompressionAt = 30;

/// What stb_image does not look at.
struct Header {
  std::uint32_t pixels_at, size, width, height, bits, compression;

  std::size_t end() const { return kFileHeader + size; }
  std::uint64_t row_size() const { return (std::uint64_t{width} * bits + 31) / 32 * 4; }
  // The last row may be without what fills it up.
  std::uint64_t picture_size() const {
    return row_size() * (height - 1) + (std::uint64_t{width} * bits + 7) / 8;
  }
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
  reader.take(kPixelsAt);
  Header header{};
  header.pixels_at = little_endian(reader, 4);
  header.size = little_endian(reader, 4);
  const int side = header.size == kCoreSize ? 2 : 4;
  header.width = little_endian(reader, side);
  header.height = little_endian(reader, side);
  if (header.height > 0x80000000u) header.height = 0u - header.height;  // top to bottom
  little_endian(reader, 2);                                             // planes
  header.bits = little_endian(reader, 2);
  if (side == 4) header.compression = little_endian(reader, 4);
  return header;
}

// The same file with as many colours as stb_image has room for, which leaves those that are missing
// to chance, and with its pixels, if they were packed, in 8 bits each.
Bytes completed(ByteView file, Header header, const ByteReader& pixels) {
  if (header.pixels_at < header.end() || header.pixels_at > file.size()) {
    pixels.fail("the BMP's pixels lie in its header or behind its end");
  }
  const bool is_core = header.size == kCoreSize;
  const std::size_t room = is_core ? 3 * 260 : 4 * 256;  // it takes four less of the first version
  const ByteView colours = file.subspan(header.end(), header.pixels_at - header.end());
  Bytes plain(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(header.end()));
  plain.insert(plain.end(), colours.begin(),
               colours.begin() + static_cast<std::ptrdiff_t>(std::min(colours.size(), room)));
  plain.resize(header.end() + room);
  for (unsigned byte = 0; byte < 4; ++byte) {
    plain[kPixelsAt + byte] = static_cast<std::byte>((header.end() + room) >> (8 * byte));
  }
  if (!header.is_packed()) {
    plain.insert(plain.end(), file.begin() + header.pixels_at, file.end());
    return plain;
  }
  const Bytes numbers =
      expand_bmp_rle(pixels, header.width, header.height, static_cast<int>(header.bits));
  header.bits = 8;
  plain[kBitsAt] = std::byte{8};
  plain[kCompressionAt] = std::byte{kPlain};
  for (std::size_t y = 0; y < header.height; ++y) {
    const auto row = numbers.begin() + static_cast<std::ptrdiff_t>(y * header.width);
    plain.insert(plain.end(), row, row + header.width);
    plain.resize(header.end() + room + (y + 1) * header.row_size());
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
  reader.take(std::min<std::size_t>(header.pixels_at, bytes.size()));  // as far as they are there
  if (!header.is_packed() && header.picture_size() > reader.left()) reader.fail("ends too early");
  Bytes plain;
  if (header.bits <= 8) bytes = plain = completed(bytes, header, reader);
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
