#include "image/overlay.h"

#include <algorithm>
#include <cstddef>

namespace velatura {
namespace {

/// From `begin` up to, not including, `end`.
struct Interval {
  int begin, end;
  int length() const { return end - begin; }
};

// Grows to `wanted`, evenly on both sides, within [0, limit].
Interval grown(Interval interval, double wanted, int limit) {
  const int more = static_cast<int>(wanted - interval.length());
  int begin = interval.begin - more / 2;
  int end = interval.end + more - more / 2;
  if (end > limit) {
    begin -= end - limit;
    end = limit;
  }
  if (begin < 0) {
    end -= begin;
    begin = 0;
  }
  return {begin, std::min(end, limit)};
}

// x / 255, rounded, for 0 … 255².
int over_255(int x) {
  const int rounded = x + 128;
  return ((rounded >> 8) + rounded) >> 8;
}

}  // namespace

Region masked_region(const Raster& mask, int width, int height, int padding) {
  int left = mask.width, right = 0, top = mask.height, bottom = 0;
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 0; x < mask.width; ++x) {
      if (mask.row(y)[x] == 0) continue;
      left = std::min(left, x);
      right = std::max(right, x + 1);
      top = std::min(top, y);
      bottom = std::max(bottom, y + 1);
    }
  }
  Interval across{std::max(left - padding, 0), std::min(right + padding, mask.width)};
  Interval down{std::max(top - padding, 0), std::min(bottom + padding, mask.height)};
  const double wanted = static_cast<double>(width) / height;
  if (static_cast<double>(across.length()) / down.length() > wanted) {
    down = grown(down, across.length() / wanted, mask.height);
  } else {
    across = grown(across, down.length() * wanted, mask.width);
  }
  return {across.begin, down.begin, across.length(), down.length()};
}

bool is_black(const Raster& mask) {
  return std::ranges::all_of(mask.pixels, [](std::uint8_t value) { return value == 0; });
}

void paste(Raster& base, const Raster& top, int x, int y) {
  const int left = std::max(x, 0), right = std::min(x + top.width, base.width);
  if (left >= right) return;
  const std::ptrdiff_t bytes = std::ptrdiff_t{right - left} * base.channels;
  for (int row = std::max(y, 0); row < std::min(y + top.height, base.height); ++row) {
    const auto* from = top.row(row - y) + std::ptrdiff_t{left - x} * top.channels;
    std::copy(from, from + bytes, base.row(row) + std::ptrdiff_t{left} * base.channels);
  }
}

Raster overlay(const Raster& original, const Raster& painted, const Raster& mask) {
  Raster result = painted;
  for (std::size_t i = 0; i < result.pixels.size(); ++i) {
    const int alpha = 255 - mask.pixels[i / 3];  // of the original
    if (alpha == 0) continue;
    // Premultiplied and back in 8 bits, as diffusers' apply_overlay: that costs dark tones a level.
    const int kept = std::min(255, 255 * over_255(original.pixels[i] * alpha) / alpha);
    result.pixels[i] =
        static_cast<std::uint8_t>(over_255(kept * alpha + painted.pixels[i] * (255 - alpha)));
  }
  return result;
}

}  // namespace velatura
