#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "image/exif.h"
#include "image/formats.h"
#include "image/xmp.h"
#include "velatura/error.h"

namespace velatura {
namespace {

constexpr float kQuality = 95;
using Mux = std::unique_ptr<WebPMux, decltype(&WebPMuxDelete)>;

WebPData view(ByteView bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

void check(WebPMuxError result) {
  if (result != WEBP_MUX_OK) throw OutputError("WebP: out of memory");
}

ByteView chunk(const Mux& mux, const char* name) {
  WebPData data{};
  if (WebPMuxGetChunk(mux.get(), name, &data) != WEBP_MUX_OK) return {};
  return {reinterpret_cast<const std::byte*>(data.bytes), data.size};
}

Samples first_of_animation(const WebPData& file, const WebPBitstreamFeatures& features,
                           const std::string& where, Observer& observer) {
  Samples samples = make_samples(static_cast<std::uint32_t>(features.width),
                                 static_cast<std::uint32_t>(features.height), 4, 8, where);
  const std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)> decoder(
      WebPAnimDecoderNew(&file, nullptr), &WebPAnimDecoderDelete);
  std::uint8_t* pixels = nullptr;  // the decoder's
  int milliseconds = 0;
  if (!decoder || WebPAnimDecoderGetNext(decoder.get(), &pixels, &milliseconds) == 0) {
    throw InputError(where + ": the WebP cannot be decoded: its data are damaged");
  }
  std::copy_n(pixels, samples.bytes.size(), samples.bytes.begin());
  if (WebPAnimDecoderHasMoreFrames(decoder.get()) != 0) warn_of_others(where, observer);
  return samples;
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
  const Mux mux(WebPMuxNew(), &WebPMuxDelete);
  const WebPData picture{encoded, size};
  check(WebPMuxSetImage(mux.get(), &picture, kReference));
  if (!metadata.parameters.empty()) {
    const Bytes exif = exif_block(metadata.parameters);
    const WebPData data = view(exif);
    check(WebPMuxSetChunk(mux.get(), "EXIF", &data, kCopy));
  }
  const std::string packet = xmp_packet(metadata.receipt, metadata.source);
  const WebPData xmp = view(as_byte_view(packet));
  if (!packet.empty()) check(WebPMuxSetChunk(mux.get(), "XMP ", &xmp, kReference));
  WebPData assembled{};
  check(WebPMuxAssemble(mux.get(), &assembled));
  const auto* begin = reinterpret_cast<const std::byte*>(assembled.bytes);
  Bytes webp(begin, begin + assembled.size);
  WebPDataClear(&assembled);
  return webp;
}

PictureTexts read_webp_texts(ByteView bytes, const std::string& where) {
  const WebPData file = view(bytes);
  const Mux mux(WebPMuxCreate(&file, 0), &WebPMuxDelete);
  if (!mux) throw InputError(where + ": not a WebP picture, or a damaged one");
  PictureTexts texts = read_exif_texts(chunk(mux, "EXIF"));
  texts.insert_or_assign(std::string(kReceiptKey), receipt_from_xmp(as_text(chunk(mux, "XMP "))));
  return texts;
}

Samples decode_webp(ByteView bytes, const std::string& where, Observer& observer) {
  const auto check = [&](VP8StatusCode status) {
    if (status == VP8_STATUS_OK) return;
    const bool short_of_bytes = status == VP8_STATUS_NOT_ENOUGH_DATA;
    throw InputError(where + ": the WebP cannot be decoded: " +
                     (short_of_bytes ? "it ends too early" : "its data are damaged"));
  };
  const WebPData file = view(bytes);
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) {
    throw Error(ErrorKind::internal, "libwebp is of another version than its header");
  }
  check(WebPGetFeatures(file.bytes, file.size, &config.input));
  if (config.input.has_animation != 0)
    return first_of_animation(file, config.input, where, observer);
  const int channels = config.input.has_alpha != 0 ? 4 : 3;
  Samples samples =
      make_samples(static_cast<std::uint32_t>(config.input.width),
                   static_cast<std::uint32_t>(config.input.height), channels, 8, where);
  config.output.colorspace = channels == 4 ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {samples.bytes.data(), samples.width * channels, samples.bytes.size()};
  check(WebPDecode(file.bytes, file.size, &config));

  const Mux mux(WebPMuxCreate(&file, 0), &WebPMuxDelete);
  return mux ? oriented(std::move(samples), read_orientation(chunk(mux, "EXIF"))) : samples;
}

}  // namespace velatura
