#pragma once

#include <cstdint>
#include <vector>

#include "velatura/image.h"

namespace velatura {

/// 8-bit picture with any number of channels, interleaved; rows top to bottom, no padding.
struct Raster {
  int width = 0;
  int height = 0;
  int channels = 0;
  std::vector<std::uint8_t> pixels;  ///< width * height * channels

  std::size_t row_size() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(channels);
  }
  const std::uint8_t* row(int y) const {
    return pixels.data() + static_cast<std::size_t>(y) * row_size();
  }
  std::uint8_t* row(int y) { return pixels.data() + static_cast<std::size_t>(y) * row_size(); }
};

/// A black picture.
Raster make_raster(int width, int height, int channels);

Raster to_raster(Image image);             ///< three channels; the pixels are moved
Raster to_raster(const GrayImage& image);  ///< one channel, the upper eight bits
Image to_image(Raster raster);             ///< of three channels; the pixels are moved

/// BT.601 in 16 bits of fraction, as Pillow's "L".
constexpr std::uint32_t luma(std::uint32_t red, std::uint32_t green, std::uint32_t blue) {
  return (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16u;
}
/// Of a picture of three channels: one channel.
Raster luma(const Raster& picture);

/// The rectangle of `width` x `height` pixels with its upper left corner at (x, y), which lies
/// inside the picture.
Raster crop(const Raster& raster, int x, int y, int width, int height);

}  // namespace velatura
