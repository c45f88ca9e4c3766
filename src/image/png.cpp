#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "core/text.h"
#include "image/formats.h"
#include "image/png_chunks.h"
#include "image/stb_write.h"
#include "image/xmp.h"
#include "velatura/error.h"

namespace velatura {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kPngHeaderEnd = 8 + 12 + 13;  // signature, IHDR
constexpr std::string_view kPngXmp = "XML:com.adobe.xmp";

std::optional<std::string> latin1_from_utf8(std::string_view text) {
  std::string latin1;
  for (std::size_t i = 0; i < text.size();) {
    const auto c = next_code_point(text, i);
    if (!c || *c > 0xFF) return std::nullopt;
    latin1 += static_cast<char>(*c);
  }
  return latin1;
}

void append_chunk(Bytes& png, std::string_view type, std::string_view data) {
  append_big_endian(png, static_cast<std::uint32_t>(data.size()), 4);
  const std::size_t begin = png.size();
  append(png, type);
  append(png, data);
  append_big_endian(png, png_crc32(ByteView(png).subspan(begin)), 4);
}

// iTXt: keyword, not compressed, no language, no translated keyword, UTF-8.
void append_international_text(Bytes& png, std::string_view key, std::string_view text) {
  append_chunk(png, "iTXt", std::string(key).append("\0\0\0\0\0"sv).append(text));
}

// Latin-1 that could be taken for UTF-8 would be.
void append_text(Bytes& png, std::string_view key, std::string_view text) {
  if (text.empty()) return;
  if (const auto latin1 = latin1_from_utf8(text);
      latin1 && (latin1->size() == text.size() || !is_utf8(*latin1))) {
    append_chunk(png, "tEXt", std::string(key).append("\0"sv).append(*latin1));
  } else {
    append_international_text(png, key, text);
  }
}

}  // namespace

Bytes encode_png(const Image& image, const Metadata& metadata) {
  const Bytes plain = stb_png(image);
  const auto header_end = plain.begin() + kPngHeaderEnd;
  Bytes png(plain.begin(), header_end);
  append_text(png, kParametersKey, metadata.parameters);
  append_text(png, kReceiptKey, metadata.receipt);
  if (const std::string packet = xmp_packet({}, metadata.source); !packet.empty()) {
    append_international_text(png, kPngXmp, packet);
  }
  png.insert(png.end(), header_end, plain.end());
  return png;
}

Bytes encode_gray_png(const GrayImage& image) {
  Bytes rows;
  for (std::size_t i = 0; i < image.values.size(); ++i) {
    if (i % static_cast<std::size_t>(image.width) == 0) append(rows, "\0"sv);  // no filter
    append_big_endian(rows, image.values[i], 2);
  }
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(6), &libdeflate_free_compressor);
  if (!compressor) throw OutputError("PNG: out of memory");
  Bytes packed(libdeflate_zlib_compress_bound(compressor.get(), rows.size()));
  packed.resize(libdeflate_zlib_compress(compressor.get(), rows.data(), rows.size(), packed.data(),
                                         packed.size()));
  Bytes header;
  append_big_endian(header, static_cast<std::uint32_t>(image.width), 4);
  append_big_endian(header, static_cast<std::uint32_t>(image.height), 4);
  append(header, "\x10\0\0\0\0"sv);  // 16 bits, grey, and the only methods there are
  Bytes png;
  append(png, kPngSignature);
  append_chunk(png, "IHDR", as_text(header));
  append_chunk(png, "IDAT", as_text(packed));
  append_chunk(png, "IEND", {});
  return png;
}

}  // namespace velatura
