#include "terminal/base64.h"
#include "terminal/encoders.h"

namespace velatura::terminal {

std::string iterm2(const Image& image) {
  const auto png = encode_image(image, ImageFormat::png, {});
  return "\033]1337;File=inline=1;size=" + std::to_string(png.size()) +
         ";width=" + std::to_string(image.width) + "px;height=" + std::to_string(image.height) +
         "px:" + base64(png) + "\a";
}

}  // namespace velatura::terminal
