#include "image/canny.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

namespace velatura {
namespace {

/// Of one pixel, in the channel where it is largest.
struct Gradient {
  int x = 0, y = 0;
  int magnitude() const { return std::abs(x) + std::abs(y); }
};

/// Gradients of a picture, with a border of zeros one pixel wide.
class Gradients {
 public:
  explicit Gradients(const Raster& picture)
      : width_(picture.width + 2),
        all_(static_cast<std::size_t>(width_) * static_cast<std::size_t>(picture.height + 2)) {
    for (int y = 0; y < picture.height; ++y) {
      const std::uint8_t* const rows[3] = {picture.row(std::max(y - 1, 0)), picture.row(y),
                                           picture.row(std::min(y + 1, picture.height - 1))};
      for (int x = 0; x < picture.width; ++x) all_[index(x, y)] = largest(rows, picture, x);
    }
  }

  const Gradient& at(int x, int y) const { return all_[index(x, y)]; }

 private:
  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y + 1) * static_cast<std::size_t>(width_) +
           static_cast<std::size_t>(x + 1);
  }

  static Gradient largest(const std::uint8_t* const rows[3], const Raster& picture, int x) {
    const int left = std::max(x - 1, 0), right = std::min(x + 1, picture.width - 1);
    Gradient found;
    for (int c = 0; c < picture.channels; ++c) {
      const auto value = [&](int row, int column) {
        return int{rows[row][column * picture.channels + c]};
      };
      const Gradient own{value(0, right) - value(0, left) + 2 * (value(1, right) - value(1, left)) +
                             value(2, right) - value(2, left),
                         value(2, left) - value(0, left) + 2 * (value(2, x) - value(0, x)) +
                             value(2, right) - value(0, right)};
      if (c == 0 || own.magnitude() > found.magnitude()) found = own;
    }
    return found;
  }

  int width_;
  std::vector<Gradient> all_;
};

// Whether a pixel is on the ridge; of two that are alike the first is.
bool is_ridge(const Gradients& gradients, int x, int y) {
  constexpr std::int64_t kTangent = 13573;  // of 22.5 degrees, times 2^15
  const Gradient& own = gradients.at(x, y);
  const int magnitude = own.magnitude();
  const auto beside = [&](int dx, int dy) { return gradients.at(x + dx, y + dy).magnitude(); };
  const std::int64_t across = std::abs(own.x), down = std::int64_t{std::abs(own.y)} << 15;
  const std::int64_t flat = across * kTangent;
  if (down < flat) return magnitude > beside(-1, 0) && magnitude >= beside(1, 0);
  if (down > flat + (across << 16)) return magnitude > beside(0, -1) && magnitude >= beside(0, 1);
  const int slope = (own.x ^ own.y) < 0 ? -1 : 1;
  return magnitude > beside(-slope, -1) && magnitude > beside(slope, 1);
}

}  // namespace

Raster canny(const Raster& picture, double low, double high) {
  if (low > high) std::swap(low, high);
  const int keep = static_cast<int>(std::floor(low)), seed = static_cast<int>(std::floor(high));
  const Gradients gradients(picture);
  constexpr std::uint8_t kMaybe = 1, kEdge = 255;
  Raster edges = make_raster(picture.width, picture.height, 1);
  std::vector<std::pair<int, int>> grown;  // edges whose neighbours have not been looked at
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const int magnitude = gradients.at(x, y).magnitude();
      if (magnitude <= keep || !is_ridge(gradients, x, y)) continue;
      edges.row(y)[x] = magnitude > seed ? kEdge : kMaybe;
      if (magnitude > seed) grown.emplace_back(x, y);
    }
  }
  while (!grown.empty()) {
    const auto [x, y] = grown.back();
    grown.pop_back();
    for (int near_y = std::max(y - 1, 0); near_y <= std::min(y + 1, picture.height - 1); ++near_y) {
      for (int near_x = std::max(x - 1, 0); near_x <= std::min(x + 1, picture.width - 1);
           ++near_x) {
        std::uint8_t& near = edges.row(near_y)[near_x];
        if (near != kMaybe) continue;
        near = kEdge;
        grown.emplace_back(near_x, near_y);
      }
    }
  }
  for (auto& pixel : edges.pixels) pixel = pixel == kEdge ? kEdge : 0;
  return edges;
}

}  // namespace velatura
