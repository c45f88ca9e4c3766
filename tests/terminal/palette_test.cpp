#include "terminal/palette.h"

#include <gtest/gtest.h>

#include <cmath>

#include "terminal/pictures.h"

namespace velatura::testing {
namespace {

using terminal::Colour;
using terminal::IndexedImage;
using terminal::reduce_colours;

double mean_squared_error(const Image& image, const IndexedImage& reduced) {
  double sum = 0;
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    sum += std::pow(image.pixels[i] - reduced.palette[reduced.indices[i / 3]][i % 3], 2);
  }
  return sum / static_cast<double>(image.pixels.size());
}

TEST(Palette, IsExactForFewColours) {
  const Image image = patches(40, 32);
  const IndexedImage reduced = reduce_colours(image);
  EXPECT_EQ(reduced.palette.size(), 6u);
  EXPECT_EQ(mean_squared_error(image, reduced), 0);
}

TEST(Palette, KeepsAllOf256Colours) {
  Image image{16, 16, {}};
  for (int i = 0; i < 256; ++i) {
    for (const int value : {i, 255 - i, i * 7 % 256}) {
      image.pixels.push_back(static_cast<std::uint8_t>(value));
    }
  }
  EXPECT_EQ(mean_squared_error(image, reduce_colours(image)), 0);
}

TEST(Palette, KeepsARareColour) {
  Image image{100, 100, std::vector<std::uint8_t>(30000, 250)};
  image.pixels[0] = 10;
  EXPECT_EQ(mean_squared_error(image, reduce_colours(image)), 0);
}

// Halved in turn, the cube of all colours ends in boxes of 32 x 32 x 64: (2 * 32^2 + 64^2) / 36.
TEST(Palette, ServesNoiseBetterThanHalves) {
  const Image image = noise(128, 128);
  const IndexedImage reduced = reduce_colours(image);
  EXPECT_EQ(reduced.palette.size(), 256u);
  EXPECT_LT(mean_squared_error(image, reduced), 171);
}

}  // namespace
}  // namespace velatura::testing
