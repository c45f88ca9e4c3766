#include "image/samples.h"

#include <algorithm>
#include <array>
#include <utility>

#include "image/raster.h"
#include "velatura/error.h"

namespace velatura {
namespace {

constexpr std::uint32_t kLargestSide = 16384;
constexpr std::uint64_t kMostPixels = 1u << 26, kMostBytes = 256u << 20;

/// Sample by sample, as 8 or as 16 bits.
class Reader {
 public:
  explicit Reader(const Samples& samples) : bytes_(samples.bytes), wide_(samples.bits == 16) {}

  std::uint32_t value8(std::size_t i) const { return wide_ ? (pair(i) + 128) / 257 : bytes_[i]; }
  std::uint32_t value16(std::size_t i) const { return wide_ ? pair(i) : bytes_[i] * 257u; }

 private:
  std::uint32_t pair(std::size_t i) const {
    return std::uint32_t{bytes_[2 * i]} << 8u | bytes_[2 * i + 1];
  }

  const std::vector<std::uint8_t>& bytes_;
  bool wide_;
};

// Over 255, rounded as Pillow rounds it.
std::uint32_t scaled_down(std::uint32_t value) {
  return (((value + 128) >> 8u) + value + 128) >> 8u;
}

std::uint32_t product(std::uint32_t a, std::uint32_t b) {
  return scaled_down(a * b);
}

std::uint32_t over_white(std::uint32_t colour, std::uint32_t alpha) {
  return scaled_down(colour * alpha + 255 * (255 - alpha));
}

std::size_t pixel_count(const Samples& samples) {
  return static_cast<std::size_t>(samples.width) * static_cast<std::size_t>(samples.height);
}

}  // namespace

Samples make_samples(std::uint32_t width, std::uint32_t height, int channels, int bits,
                     const std::string& where) {
  const std::uint64_t pixels = std::uint64_t{width} * height;
  const std::uint64_t bytes = pixels * static_cast<std::uint64_t>(channels * bits / 8);
  const auto refuse = [&](const std::string& expected) {
    throw InputError(where + ": " + std::to_string(width) + " x " + std::to_string(height) +
                     " pixels, expected " + expected);
  };
  if (pixels == 0) refuse("at least 1 x 1");
  if (std::max(width, height) > kLargestSide) {
    refuse("at most " + std::to_string(kLargestSide) + " a side");
  }
  if (pixels > kMostPixels) refuse("at most " + std::to_string(kMostPixels) + " in all");
  if (bytes > kMostBytes) {
    refuse("at most 256 MiB of them, not " + std::to_string(bytes >> 20u) + " MiB");
  }
  return {static_cast<int>(width), static_cast<int>(height), channels, bits,
          std::vector<std::uint8_t>(bytes)};
}

Samples oriented(Samples samples, int orientation) {
  if (orientation == 1) return samples;
  const bool transposed = orientation >= 5;
  const bool mirrored =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool flipped = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const int size = samples.channels * samples.bits / 8;
  Samples upright = samples;
  if (transposed) std::swap(upright.width, upright.height);
  auto out = upright.bytes.begin();
  for (int y = 0; y < upright.height; ++y) {
    for (int x = 0; x < upright.width; ++x) {
      int from_x = transposed ? y : x, from_y = transposed ? x : y;
      if (mirrored) from_x = samples.width - 1 - from_x;
      if (flipped) from_y = samples.height - 1 - from_y;
      const auto from = (static_cast<std::ptrdiff_t>(from_y) * samples.width + from_x) * size;
      out = std::copy_n(samples.bytes.begin() + from, size, out);
    }
  }
  return upright;
}

bool is_see_through(const Samples& samples) {
  if (samples.channels % 2 != 0) return false;
  const Reader in(samples);
  const auto channels = static_cast<std::size_t>(samples.channels);
  for (std::size_t i = 1; i <= pixel_count(samples); ++i) {
    if (in.value16(channels * i - 1) < 65535) return true;
  }
  return false;
}

void rgb_from_cmyk(Samples& samples, bool inverted) {
  auto out = samples.bytes.begin();
  for (std::size_t i = 0; i < samples.bytes.size(); i += 4) {
    std::array<std::uint32_t, 4> ink{};
    for (std::size_t c = 0; c < 4; ++c) {
      ink[c] = inverted ? 255u - samples.bytes[i + c] : samples.bytes[i + c];
    }
    const std::uint32_t paper = 255 - ink[3];
    for (std::size_t c = 0; c < 3; ++c) {
      *out++ = static_cast<std::uint8_t>(paper - product(ink[c], paper));
    }
  }
  samples.channels = 3;
  samples.bytes.erase(out, samples.bytes.end());
}

Image to_image(Samples samples) {
  Image image{samples.width, samples.height, {}};
  if (samples.channels == 3 && samples.bits == 8) {
    image.pixels = std::move(samples.bytes);
    return image;
  }
  const Reader in(samples);
  const auto channels = static_cast<std::size_t>(samples.channels);
  image.pixels.resize(3 * pixel_count(samples));
  for (std::size_t i = 0; i < pixel_count(samples); ++i) {
    const std::uint32_t alpha = channels % 2 == 0 ? in.value8(channels * (i + 1) - 1) : 255;
    for (std::size_t c = 0; c < 3; ++c) {
      const std::uint32_t colour = in.value8(channels * i + (channels < 3 ? 0 : c));
      image.pixels[3 * i + c] = static_cast<std::uint8_t>(over_white(colour, alpha));
    }
  }
  return image;
}

GrayImage to_gray_image(const Samples& samples) {
  const Reader in(samples);
  const auto channels = static_cast<std::size_t>(samples.channels);
  GrayImage image{samples.width, samples.height, {}};
  image.values.resize(pixel_count(samples));
  for (std::size_t i = 0; i < image.values.size(); ++i) {
    const std::size_t at = channels * i;
    std::uint32_t value = channels < 3
                              ? in.value16(at)
                              : 257 * luma(in.value8(at), in.value8(at + 1), in.value8(at + 2));
    if (channels % 2 == 0) value = (value * in.value16(at + channels - 1) + 32767) / 65535;
    image.values[i] = static_cast<std::uint16_t>(value);
  }
  return image;
}

}  // namespace velatura
