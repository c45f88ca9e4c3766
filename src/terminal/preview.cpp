#include "terminal/preview.h"

#include <algorithm>
#include <cmath>

#include "image/resize.h"
#include "terminal/encoders.h"

namespace velatura::terminal {

Image shrink_to_fit(const Image& image, int width, int height) {
  const double scale = std::min(static_cast<double>(width) / image.width,
                                static_cast<double>(height) / image.height);
  if (scale >= 1) return image;
  const auto scaled = [scale](int side) {
    return std::max(1, static_cast<int>(std::lround(side * scale)));
  };
  return to_image(
      resize(to_raster(image), scaled(image.width), scaled(image.height), Filter::lanczos));
}

std::string preview(const Image& image, const Display& display) {
  const Screen& screen = display.screen;
  const int rows = std::max(1, screen.rows * 3 / 4);
  const auto in_pixels = [&] {
    return shrink_to_fit(image, screen.columns * screen.cell_width, rows * screen.cell_height);
  };
  switch (display.protocol) {
    case Protocol::none:
      return "";
    case Protocol::kitty:
      return kitty(in_pixels());
    case Protocol::iterm2:
      return iterm2(in_pixels());
    case Protocol::sixel:
      return sixel(in_pixels());
    case Protocol::half_blocks:
      return half_blocks(shrink_to_fit(image, screen.columns, 2 * rows), display.colours);
  }
  return "";
}

}  // namespace velatura::terminal
