#include <webp/encode.h>
#include <webp/mux.h>

#include <memory>
#include <utility>

#include "image/exif.h"
#include "image/formats.h"
#include "image/webp_mux.h"
#include "image/xmp.h"
#include "velatura/error.h"

namespace velatura {
namespace {

constexpr float kQuality = 95;

void check(WebPMuxError result) {
  if (result != WEBP_MUX_OK) throw OutputError("WebP: out of memory");
}

}  // namespace

Bytes encode_webp(const Image& image, const Metadata& metadata) {
  if (image.width > WEBP_MAX_DIMENSION || image.height > WEBP_MAX_DIMENSION) {
    throw OutputError("WebP: a side is above " + std::to_string(WEBP_MAX_DIMENSION) + " pixels");
  }
  std::uint8_t* encoded = nullptr;
  const std::size_t size = WebPEncodeRGB(image.pixels.data(), image.width, image.height,
                                         image.width * 3, kQuality, &encoded);
  const std::unique_ptr<std::uint8_t, decltype(&WebPFree)> owner(encoded, &WebPFree);
  if (size == 0) throw OutputError("WebP: the picture could not be encoded");

  constexpr int kCopy = 1, kReference = 0;
  const WebpMux mux(WebPMuxNew(), &WebPMuxDelete);
  const WebPData picture{encoded, size};
  check(WebPMuxSetImage(mux.get(), &picture, kReference));
  if (!metadata.parameters.empty()) {
    const Bytes exif = exif_block(metadata.parameters);
    const WebPData data = webp_data(exif);
    check(WebPMuxSetChunk(mux.get(), "EXIF", &data, kCopy));
  }
  const std::string packet = xmp_packet(metadata.receipt, metadata.source);
  const WebPData xmp = webp_data(as_byte_view(packet));
  if (!packet.empty()) check(WebPMuxSetChunk(mux.get(), "XMP ", &xmp, kReference));
  WebPData assembled{};
  check(WebPMuxAssemble(mux.get(), &assembled));
  const auto* begin = reinterpret_cast<const std::byte*>(assembled.bytes);
  Bytes webp(begin, begin + assembled.size);
  WebPDataClear(&assembled);
  return webp;
}

PictureTexts read_webp_texts(ByteView bytes, const std::string& where) {
  const WebpMux mux = open_webp(webp_data(bytes));
  if (!mux) throw InputError(where + ": not a WebP picture, or a damaged one");
  PictureTexts texts = read_exif_texts(webp_chunk(mux, "EXIF"));
  texts.insert_or_assign(std::string(kReceiptKey),
                         receipt_from_xmp(as_text(webp_chunk(mux, "XMP "))));
  return texts;
}

}  // namespace velatura
