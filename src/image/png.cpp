#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "core/text.h"
#include "image/formats.h"
#include "image/stb_write.h"
#include "image/xmp.h"
#include "velatura/error.h"

namespace velatura {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kSignature = "\x89PNG\r\n\x1A\n"sv;
constexpr std::size_t kHeaderEnd = 8 + 12 + 13;  // signature, IHDR
constexpr std::string_view kParameters = "parameters", kReceipt = "velatura";
constexpr std::string_view kXmp = "XML:com.adobe.xmp";

std::uint32_t crc32(ByteView type_and_data) {
  return libdeflate_crc32(0, type_and_data.data(), type_and_data.size());
}

std::optional<std::string> latin1_from_utf8(std::string_view text) {
  std::string latin1;
  for (std::size_t i = 0; i < text.size();) {
    const auto c = next_code_point(text, i);
    if (!c || *c > 0xFF) return std::nullopt;
    latin1 += static_cast<char>(*c);
  }
  return latin1;
}

std::string utf8_from_latin1(std::string_view latin1) {
  std::string text;
  for (const char c : latin1) append_utf8(text, static_cast<std::uint8_t>(c));
  return text;
}

void append_chunk(Bytes& png, std::string_view type, std::string_view data) {
  append_big_endian(png, static_cast<std::uint32_t>(data.size()), 4);
  const std::size_t begin = png.size();
  append(png, type);
  append(png, data);
  append_big_endian(png, crc32(ByteView(png).subspan(begin)), 4);
}

// iTXt: keyword, not compressed, no language, no translated keyword, UTF-8.
void append_international_text(Bytes& png, std::string_view key, std::string_view text) {
  append_chunk(png, "iTXt", std::string(key).append("\0\0\0\0\0"sv).append(text));
}

void append_text(Bytes& png, std::string_view key, std::string_view text) {
  if (text.empty()) return;
  if (const auto latin1 = latin1_from_utf8(text)) {
    append_chunk(png, "tEXt", std::string(key).append("\0"sv).append(*latin1));
  } else {
    append_international_text(png, key, text);
  }
}

struct Text {
  std::string_view key;
  std::string text;
};

std::string_view cut(std::string_view& data) {
  const std::size_t end = data.find('\0');
  const std::string_view head = data.substr(0, end);
  data.remove_prefix(end == data.npos ? data.size() : end + 1);
  return head;
}

// Nothing for compressed text, which this program never writes.
std::optional<Text> parse_text(std::string_view type, std::string_view data) {
  const std::string_view key = cut(data);
  if (type == "tEXt") return Text{key, utf8_from_latin1(data)};
  if (type != "iTXt" || !data.starts_with("\0\0"sv)) return std::nullopt;
  data.remove_prefix(2);
  cut(data);  // language
  cut(data);  // translated keyword
  return Text{key, std::string(data)};
}

}  // namespace

Bytes encode_png(const Image& image, const Metadata& metadata) {
  const Bytes plain = stb_png(image);
  const auto header_end = plain.begin() + kHeaderEnd;
  Bytes png(plain.begin(), header_end);
  append_text(png, kParameters, metadata.parameters);
  append_text(png, kReceipt, metadata.receipt);
  append_international_text(png, kXmp, xmp_packet({}, metadata.composite));
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
  append(png, kSignature);
  append_chunk(png, "IHDR", as_text(header));
  append_chunk(png, "IDAT", as_text(packed));
  append_chunk(png, "IEND", {});
  return png;
}

Metadata read_png_metadata(ByteView bytes, const std::string& where) {
  ByteReader reader(bytes, where);
  reader.take(kSignature.size());
  Metadata metadata;
  for (bool ended = false; !ended;) {
    const std::size_t size = reader.big_endian(4);
    if (size > reader.left()) reader.fail("a PNG chunk runs over the end of the file");
    const ByteView type_and_data = reader.take(4 + size);
    const std::string_view type = as_text(type_and_data.first(4));
    if (reader.big_endian(4) != crc32(type_and_data)) {
      reader.fail("the checksum of a PNG chunk is wrong");
    }
    if (const auto text = parse_text(type, as_text(type_and_data.subspan(4)))) {
      if (text->key == kParameters) metadata.parameters = text->text;
      if (text->key == kReceipt) metadata.receipt = text->text;
    }
    ended = type == "IEND";
  }
  return metadata;
}

}  // namespace velatura
