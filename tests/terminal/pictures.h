#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "velatura/image.h"

namespace velatura::testing {

/// Every pixel different, and bright and dark ones side by side.
inline Image noise(int width, int height) {
  Image image{width, height, {}};
  std::uint32_t state = 1;
  for (int i = 0; i < 3 * width * height; ++i) {
    state = state * 1664525u + 1013904223u;
    image.pixels.push_back(static_cast<std::uint8_t>(state >> 24));
  }
  return image;
}

/// Six colours in patches of uneven sizes.
inline Image patches(int width, int height) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const int patch = (x / 5 + 3 * (y / 4)) % 6;
      for (const int step : {51, 102, 153}) {
        image.pixels.push_back(static_cast<std::uint8_t>(patch * step % 256));
      }
    }
  }
  return image;
}

/// The largest difference of two channels of pictures of the same size.
inline int largest_difference(const Image& a, const Image& b) {
  int largest = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    largest = std::max(largest, std::abs(a.pixels[i] - b.pixels[i]));
  }
  return largest;
}

}  // namespace velatura::testing
