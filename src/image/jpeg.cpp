#include <string_view>

#include "image/exif.h"
#include "image/formats.h"
#include "image/stb_write.h"
#include "image/xmp.h"
#include "velatura/error.h"

namespace velatura {
namespace {

using namespace std::string_view_literals;

constexpr int kQuality = 95;
constexpr int kLargestSide = 65535;
constexpr std::uint32_t kApp1 = 0xFFE1, kStartOfScan = 0xFFDA, kComment = 0xFFFE;
constexpr std::size_t kJpegHeaderEnd = 2 + 18;  // start of image, JFIF segment
constexpr std::size_t kLargestSegment = 0xFFFF - 2;
constexpr std::string_view kExif = "Exif\0\0"sv;
constexpr std::string_view kJpegXmp = "http://ns.adobe.com/xap/1.0/\0"sv;

void append_segment(Bytes& jpeg, std::string_view name, std::string_view data) {
  if (name.size() + data.size() > kLargestSegment) {
    throw OutputError(
        "JPEG: the text that goes with the picture is longer than 64 KiB; PNG and "
        "WebP can hold it");
  }
  append_big_endian(jpeg, kApp1, 2);
  append_big_endian(jpeg, static_cast<std::uint32_t>(2 + name.size() + data.size()), 2);
  append(jpeg, name);
  append(jpeg, data);
}

}  // namespace

Bytes encode_jpeg(const Image& image, const Metadata& metadata) {
  if (image.width > kLargestSide || image.height > kLargestSide) {
    throw OutputError("JPEG: a side is above " + std::to_string(kLargestSide) + " pixels");
  }
  const Bytes plain = stb_jpeg(image, kQuality);
  const auto header_end = plain.begin() + kJpegHeaderEnd;
  Bytes jpeg(plain.begin(), header_end);
  if (!metadata.parameters.empty()) {
    append_segment(jpeg, kExif, as_text(exif_block(metadata.parameters)));
  }
  if (const std::string packet = xmp_packet(metadata.receipt, metadata.source); !packet.empty()) {
    append_segment(jpeg, kJpegXmp, packet);
  }
  jpeg.insert(jpeg.end(), header_end, plain.end());
  return jpeg;
}

PictureTexts read_jpeg_texts(ByteView bytes, const std::string& where) {
  ByteReader reader(bytes, where);
  reader.take(2);
  PictureTexts texts;
  for (;;) {
    std::uint32_t marker = reader.big_endian(2);
    while (marker == 0xFFFF) marker = 0xFF00u | reader.big_endian(1);  // filling
    if (marker == kStartOfScan) return texts;
    if (marker < 0xFF00) reader.fail("not a JPEG segment where one should be");
    const std::uint32_t size = reader.big_endian(2);
    if (size < 2) reader.fail("a JPEG segment of " + std::to_string(size) + " bytes");
    const ByteView data = reader.take(size - 2);
    if (marker == kComment && as_text(data).find("Steps:") != std::string_view::npos) {
      texts.try_emplace(std::string(kParametersKey), decode_user_comment(as_text(data)));
    } else if (marker == kApp1 && as_text(data).starts_with(kExif)) {
      for (auto& [key, text] : read_exif_texts(data)) texts.insert_or_assign(key, text);
    } else if (marker == kApp1 && as_text(data).starts_with(kJpegXmp)) {
      texts.insert_or_assign(std::string(kReceiptKey),
                             receipt_from_xmp(as_text(data.subspan(kJpegXmp.size()))));
    }
  }
}

}  // namespace velatura
