#pragma once

#include <cstdint>

#include "ops/element.h"

// Files that are compiled for one instruction set include this: types alone, no functions, of which
// the linker could take theirs for other processors.
namespace velatura::ops {

/// One convolution by a 3×3 kernel with padding 1. Channels lie together.
struct WinogradTask {
  Element element;      ///< of x, bias and out, and of the weights unless they have scales
  const void* x;        ///< [batch, height / enlarged, width / enlarged, in]
  const void* weights;  ///< [out / block, in, 9, block]
  const float*
      scales;  ///< [out], by which what int8 weights give is to be multiplied; null: they are elements
  const float* point_scales;  ///< beside scales [points, out], as measure() leaves it
  const void* bias;           ///< [out] or null
  const void* nothing;        ///< [in] zeros, which lie around the picture
  void* out;                  ///< [batch, height, width, out]
  std::int64_t batch, height, width;
  std::int64_t enlarged;                   ///< 2: each pixel of x stands for two by two
  std::int64_t in_channels, out_channels;  ///< multiples of WinogradKernel::block
};

/// Some of the task's tiles, picture by picture, row by row.
struct WinogradTiles {
  std::int64_t first, count;
};

/// F(4×4, 3×3) of Lavin & Gray 2016, "Fast Algorithms for Convolutional Neural Networks": a tile of 16
/// neighbours of a picture takes 36 products a pair of channels in place of 144. What is computed for a
/// tile depends on nothing but its own inputs. Both functions do a part, for threads to share.
struct WinogradKernel {
  static constexpr std::int64_t side = 4;           ///< of a tile, pixels
  static constexpr std::int64_t points = 36;        ///< at which polynomials are taken
  static constexpr std::int64_t block = 16;         ///< output channels whose weights lie together
  static constexpr std::int64_t group = 2 * block;  ///< that are worked on at once

  std::int64_t rows;  ///< tiles that are multiplied at once

  /// Transforms what tiles see. @param seen        out, seen_size() floats
  ///                            @param begin, end  of tiles.count
  void (*see)(const WinogradTask& task, WinogradTiles tiles, float* seen, std::int64_t begin,
              std::int64_t end);
  /// Computes a group of output channels of some of the tiles that see() was given.
  /// @param scratch     of this thread, scratch_size(task, end - begin) floats
  /// @param begin, end  of tiles.count
  void (*convolve)(const WinogradTask& task, WinogradTiles tiles, const float* seen, float* scratch,
                   std::int64_t group, std::int64_t begin, std::int64_t end);
  std::int64_t (*seen_size)(const WinogradTask& task, std::int64_t tiles);
  std::int64_t (*scratch_size)(const WinogradTask& task, std::int64_t tiles);

  /// Of kernels for int8: what transformed weights are rounded to multiples of. @param scales  out, [points, out]
  /// @param begin, end  of out / block
  void (*measure)(const WinogradTask& task, float* scales, std::int64_t begin,
                  std::int64_t end) = nullptr;
};

/// Null where the compiler does not know the instructions. Only for processors that have them.
const WinogradKernel* winograd_avx2();
const WinogradKernel* winograd_avx512();
const WinogradKernel* winograd_int8_avx2();
const WinogradKernel* winograd_int8_avx512();

}  // namespace velatura::ops
