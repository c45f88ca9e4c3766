#include "image/gaussian_blur.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace velatura {
namespace {

constexpr int kPasses = 3;
constexpr std::uint32_t kOne = 1u << 24u;

/// A box of 2 * reach + 1 whole pixels and one in part at either end, in units of 2^-24.
struct Box {
  int reach;
  std::uint32_t whole;
  std::uint32_t part;
};

// Extended box blur with the variance of the Gaussian (Gwosdek et al. 2011, eq. 4 and 5), in the
// precisions Pillow computes it in.
Box box(float radius) {
  const float variance = radius * radius / kPasses;
  const auto length = static_cast<float>(std::sqrt(12.0 * static_cast<double>(variance) + 1.0));
  const auto reach = static_cast<float>(std::floor((static_cast<double>(length) - 1.0) / 2.0));
  const float part = (2 * reach + 1) * (reach * (reach + 1) - 3 * variance) /
                     (6 * (variance - (reach + 1) * (reach + 1)));
  const float half = reach + part;
  const int pixels = static_cast<int>(half);
  const auto whole = static_cast<std::uint32_t>(static_cast<float>(kOne) / (half * 2 + 1));
  const std::uint32_t covered = (2 * static_cast<std::uint32_t>(pixels) + 1) * whole;
  return {pixels, whole, (kOne - covered) / 2};
}

void blur_once(std::span<const std::uint8_t> in, std::span<std::uint8_t> out, const Box& box) {
  const auto last = static_cast<int>(in.size()) - 1;
  const auto at = [&](int x) -> std::uint32_t {
    return in[static_cast<std::size_t>(std::clamp(x, 0, last))];
  };
  std::uint32_t sum = 0;  // of the whole pixels around x
  for (int x = -box.reach; x <= box.reach; ++x) sum += at(x);
  for (int x = 0; x <= last; ++x) {
    const std::uint32_t before = at(x - box.reach - 1), after = at(x + box.reach + 1);
    const std::uint32_t value = sum * box.whole + (before + after) * box.part;
    out[static_cast<std::size_t>(x)] = static_cast<std::uint8_t>((value + kOne / 2) >> 24u);
    sum += after - at(x - box.reach);
  }
}

// `count` values that lie `step` apart; `from` and `to` are room to work in.
void blur_line(std::uint8_t* begin, std::size_t count, std::size_t step, const Box& box,
               std::vector<std::uint8_t>& from, std::vector<std::uint8_t>& to) {
  from.resize(count);
  to.resize(count);
  for (std::size_t i = 0; i < count; ++i) from[i] = begin[i * step];
  for (int pass = 0; pass < kPasses; ++pass) {
    blur_once(from, to, box);
    from.swap(to);
  }
  for (std::size_t i = 0; i < count; ++i) begin[i * step] = from[i];
}

}  // namespace

Raster gaussian_blur(const Raster& raster, float radius) {
  Raster out = raster;
  if (radius == 0) return out;
  const Box chosen = box(radius);
  const auto width = static_cast<std::size_t>(raster.width);
  const auto height = static_cast<std::size_t>(raster.height);
  const auto channels = static_cast<std::size_t>(raster.channels);
  std::vector<std::uint8_t> from, to;
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t c = 0; c < channels; ++c) {
      std::uint8_t* begin = out.pixels.data() + y * out.row_size() + c;
      blur_line(begin, width, channels, chosen, from, to);
    }
  }
  for (std::size_t column = 0; column < out.row_size(); ++column) {
    blur_line(out.pixels.data() + column, height, out.row_size(), chosen, from, to);
  }
  return out;
}

}  // namespace velatura
