#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

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
  std::int64_t of(std::int64_t size) const { return size * numerator / denominator; }
};

/// What is done to each tile of a picture.
using TileWork = std::function<at::Tensor(const at::Tensor& tile, const Region& place)>;

/// The tiles of pictures of one size, and how strongly each counts where: made once, for any number
/// of pictures.
class TileMap {
 public:
  /// As TileWork. @param share  how much of each pixel of its result is this tile's, of 1 in all;
  ///                            [H * scale, W * scale] float32 of the tile
  using Work = std::function<at::Tensor(const at::Tensor& tile, const Region& place,
                                        const at::Tensor& share)>;

  /// As in_tiles(), for a picture of that height and width on a device.
  TileMap(std::int64_t height, std::int64_t width, Tiling tiling, Ratio scale, at::Device device);
  at::Tensor run(const at::Tensor& x, const Work& work) const;

 private:
  struct Tile {
    Region place, result;  ///< in the picture, in what is made of it
    at::Tensor weights;    ///< of the result's size
  };
  std::int64_t height_, width_;  // of the result
  std::vector<Tile> tiles_;
  at::Tensor total_;  // the sum of all weights
};

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
