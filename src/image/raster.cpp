#include "image/raster.h"

#include <algorithm>
#include <utility>

#include "velatura/error.h"

namespace velatura {

Raster make_raster(int width, int height, int channels) {
  Raster raster{width, height, channels, {}};
  raster.pixels.resize(raster.row_size() * static_cast<std::size_t>(height));
  return raster;
}

Raster to_raster(Image image) {
  return {image.width, image.height, 3, std::move(image.pixels)};
}

Raster to_raster(const GrayImage& image) {
  Raster raster = make_raster(image.width, image.height, 1);
  std::ranges::transform(image.values, raster.pixels.begin(), [](std::uint16_t value) {
    return static_cast<std::uint8_t>(value >> 8u);
  });
  return raster;
}

Image to_image(Raster raster) {
  if (raster.channels != 3) throw Error(ErrorKind::internal, "a picture must have three channels");
  return {raster.width, raster.height, std::move(raster.pixels)};
}

Raster luma(const Raster& picture) {
  Raster grey = make_raster(picture.width, picture.height, 1);
  for (std::size_t i = 0; i < grey.pixels.size(); ++i) {
    const std::uint8_t* const pixel = picture.pixels.data() + 3 * i;
    grey.pixels[i] = static_cast<std::uint8_t>(luma(pixel[0], pixel[1], pixel[2]));
  }
  return grey;
}

Raster crop(const Raster& raster, int x, int y, int width, int height) {
  if (x < 0 || y < 0 || width < 1 || height < 1 || width > raster.width - x ||
      height > raster.height - y) {
    throw Error(ErrorKind::internal, "a crop reaches out of its picture");
  }
  Raster cut = make_raster(width, height, raster.channels);
  for (int row = 0; row < height; ++row) {
    const std::uint8_t* from = raster.row(y + row) + std::ptrdiff_t{x} * raster.channels;
    std::copy_n(from, cut.row_size(), cut.row(row));
  }
  return cut;
}

}  // namespace velatura
