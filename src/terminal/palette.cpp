#include "terminal/palette.h"

#include <algorithm>
#include <numeric>
#include <span>

namespace velatura::terminal {
namespace {

constexpr std::size_t kMostColours = 256;

/// Some of a picture's pixels, by their number.
struct Box {
  std::span<std::uint32_t> pixels;
  std::array<std::uint64_t, 3> sums{};
  std::size_t widest = 0;  ///< the channel with the largest squared error
  double error = 0;        ///< that error, summed over the pixels; 0: one colour
};

const std::uint8_t* colour_of(const Image& image, std::uint32_t pixel) {
  return image.pixels.data() + std::size_t{3} * pixel;
}

Box make_box(const Image& image, std::span<std::uint32_t> pixels) {
  Box box{pixels};
  std::array<std::uint64_t, 3> squares{};
  for (const std::uint32_t pixel : pixels) {
    for (std::size_t c = 0; c < 3; ++c) {
      const std::uint64_t value = colour_of(image, pixel)[c];
      box.sums[c] += value;
      squares[c] += value * value;
    }
  }
  const auto count = static_cast<std::uint64_t>(pixels.size());
  // Products may wrap around; differences of 0, and those of less than 2^25 pixels, are exact.
  for (std::size_t c = 0; c < 3; ++c) {
    const auto error = static_cast<double>(count * squares[c] - box.sums[c] * box.sums[c]) /
                       static_cast<double>(count);
    if (error <= box.error) continue;
    box.error = error;
    box.widest = c;
  }
  return box;
}

// Leaves the darker part in the box, and returns the brighter one.
Box cut(const Image& image, Box& box) {
  const auto is_dark = [&image, &box](std::uint32_t pixel) {
    return colour_of(image, pixel)[box.widest] * box.pixels.size() <= box.sums[box.widest];
  };
  const auto middle = std::partition(box.pixels.begin(), box.pixels.end(), is_dark);
  const auto dark = static_cast<std::size_t>(middle - box.pixels.begin());
  const auto bright = box.pixels.subspan(dark);
  box = make_box(image, box.pixels.first(dark));
  return make_box(image, bright);
}

Colour mean(const Box& box) {
  const std::uint64_t count = box.pixels.size();
  Colour colour{};
  for (std::size_t c = 0; c < 3; ++c) {
    colour[c] = static_cast<std::uint8_t>((box.sums[c] + count / 2) / count);
  }
  return colour;
}

}  // namespace

IndexedImage reduce_colours(const Image& image) {
  std::vector<std::uint32_t> pixels(image.pixels.size() / 3);
  std::iota(pixels.begin(), pixels.end(), 0u);
  std::vector<Box> boxes{make_box(image, pixels)};
  while (boxes.size() < kMostColours) {
    const auto worst = std::ranges::max_element(boxes, {}, &Box::error);
    if (worst->error == 0) break;
    const Box bright = cut(image, *worst);
    boxes.push_back(bright);
  }

  IndexedImage reduced{image.width, image.height, {}, std::vector<std::uint8_t>(pixels.size())};
  for (const Box& box : boxes) {
    const auto index = static_cast<std::uint8_t>(reduced.palette.size());
    for (const std::uint32_t pixel : box.pixels) reduced.indices[pixel] = index;
    reduced.palette.push_back(mean(box));
  }
  return reduced;
}

}  // namespace velatura::terminal
