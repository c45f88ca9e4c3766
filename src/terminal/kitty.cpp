#include "terminal/base64.h"
#include "terminal/encoders.h"

namespace velatura::terminal {
namespace {

constexpr std::size_t kChunk = 4096;

}  // namespace

std::string kitty(const Image& image) {
  const std::string payload = base64(encode_image(image, ImageFormat::png, {}));
  std::string text;
  for (std::size_t begin = 0; begin < payload.size(); begin += kChunk) {
    const bool more = begin + kChunk < payload.size();
    text += begin == 0 ? "\033_Ga=T,f=100,q=2,m=" : "\033_Gm=";
    text += more ? "1;" : "0;";
    text += payload.substr(begin, kChunk) + "\033\\";
  }
  return text;
}

}  // namespace velatura::terminal
