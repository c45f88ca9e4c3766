#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "image/overlay.h"

namespace velatura::pipelines {

/// Squares that cover a picture and overlap.
struct Tiling {
  std::int64_t size;     ///< side of a square
  std::int64_t overlap;  ///< what neighbours share at least, below size

  /// Whether a picture of that size needs more than one square.
  bool applies_to(std::int64_t height, std::int64_t width) const {
    return height > size || width > size;
  }
};

/// output = input * numerator / denominator, on each side.
struct Ratio {
  std::int64_t numerator = 1, denominator = 1;
};

/// What is done to each tile of a picture.
using TileWork = std::function<at::Tensor(const at::Tensor& tile, const Region& place)>;

/// Works on a picture square by square, so that memory does not grow with it. Where squares overlap
/// their results are blended, each fading out linearly towards its inner edges.
/// @param x       [B, C, H, W]; H and W multiples of scale.denominator
/// @param tiling  in pixels of x; both multiples of scale.denominator
/// @param scale   size of what `work` returns over the size of what it is given
/// @param work    takes a tile and its place in x
/// @return        [B, C', H * scale, W * scale] in float32
at::Tensor in_tiles(const at::Tensor& x, Tiling tiling, Ratio scale, const TileWork& work);

/// Every n-th pixel each way, so that about a tile's are left.
/// @param x     [B, C, H, W]
/// @param grid  divides both sides of the result
at::Tensor thinned(const at::Tensor& x, std::int64_t tile, std::int64_t grid);

/// 6 x 6 squares spread evenly over a picture, which may overlap.
/// @param x  [1, C, H, W]
/// @return   [36, C, side, side]; fewer, and narrower, where a side of the picture is no longer
at::Tensor squares_of(const at::Tensor& x, std::int64_t side);

}  // namespace velatura::pipelines
