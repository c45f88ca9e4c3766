#include <webp/decode.h>
#include <webp/demux.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "image/exif.h"
#include "image/formats.h"
#include "image/webp_mux.h"
#include "velatura/error.h"

namespace velatura {
namespace {

[[noreturn]] void refuse(const std::string& where, const char* reason) {
  throw InputError(where + ": the WebP cannot be decoded: " + reason);
}

void check(VP8StatusCode status, const std::string& where) {
  if (status == VP8_STATUS_OK) return;
  const bool short_of_bytes = status == VP8_STATUS_NOT_ENOUGH_DATA;
  refuse(where, short_of_bytes ? "it ends too early" : "its data are damaged");
}

Samples room_for(const WebPBitstreamFeatures& picture, int channels, const std::string& where) {
  return make_samples(static_cast<std::uint32_t>(picture.width),
                      static_cast<std::uint32_t>(picture.height), channels, 8, where);
}

Samples only_picture(const WebPData& file, WebPDecoderConfig& config, const std::string& where) {
  const int channels = config.input.has_alpha != 0 ? 4 : 3;
  Samples samples = room_for(config.input, channels, where);
  config.output.colorspace = channels == 4 ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {samples.bytes.data(), samples.width * channels, samples.bytes.size()};
  check(WebPDecode(file.bytes, file.size, &config), where);
  return samples;
}

Samples first_of_animation(const WebPData& file, const WebPBitstreamFeatures& canvas,
                           const std::string& where, Observer& observer) {
  Samples samples = room_for(canvas, 4, where);
  const std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)> decoder(
      WebPAnimDecoderNew(&file, nullptr), &WebPAnimDecoderDelete);
  std::uint8_t* pixels = nullptr;  // the decoder's
  int milliseconds = 0;
  if (!decoder || WebPAnimDecoderGetNext(decoder.get(), &pixels, &milliseconds) == 0) {
    refuse(where, "its data are damaged");
  }
  std::copy_n(pixels, samples.bytes.size(), samples.bytes.begin());
  if (WebPAnimDecoderHasMoreFrames(decoder.get()) != 0) warn_of_others(where, observer);
  return samples;
}

}  // namespace

Samples decode_webp(ByteView bytes, const std::string& where, Observer& observer) {
  const WebPData file = webp_data(bytes);
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) {
    throw Error(ErrorKind::internal, "libwebp is of another version than its header");
  }
  check(WebPGetFeatures(file.bytes, file.size, &config.input), where);
  Samples samples = config.input.has_animation != 0
                        ? first_of_animation(file, config.input, where, observer)
                        : only_picture(file, config, where);
  const WebpMux mux = open_webp(file);
  return oriented(std::move(samples), read_orientation(webp_chunk(mux, "EXIF")));
}

}  // namespace velatura
