#pragma once

#include <cstdint>

// Files that are compiled for one instruction set include this: types alone, no functions, of which
// the linker could take theirs for other processors.
namespace velatura::ops {

/// One convolution by a 3×3 kernel with padding 1. Channels lie together.
struct WinogradTask {
  const float* x;        ///< [batch, height, width, in]
  const float* weights;  ///< as pack() made them
  const float* bias;     ///< [out] or null
  float* out;            ///< [batch, height, width, out] of pixels that are out_stride apart
  std::int64_t batch, height, width;
  std::int64_t in_channels, out_channels;  ///< multiples of WinogradKernel::lanes
  std::int64_t out_stride;
};

/// F(2×2, 3×3) of Lavin & Gray 2016, "Fast Algorithms for Convolutional Neural Networks": four neighbours of a
/// picture take 16 products a pair of channels in place of 36. What is computed for a tile of them depends on
/// nothing but its own inputs. Both functions take a range of what is to be done, for threads to share.
struct WinogradKernel {
  std::int64_t lanes;  ///< of a vector
  std::int64_t strip;  ///< output channels worked on at once; weights are padded to their multiple

  /// @param weight      [out, in, 3, 3]
  /// @param packed      out, [16, ⌈out / strip⌉, in, strip]
  /// @param begin, end  of ⌈out / strip⌉
  void (*pack)(const float* weight, float* packed, std::int64_t in_channels,
               std::int64_t out_channels, std::int64_t begin, std::int64_t end);
  /// @param scratch     of this thread, scratch_size() floats that begin at a multiple of 64 bytes
  /// @param at_a_time   tiles that are worked on together
  /// @param begin, end  of batch * ⌈height / 2⌉ * ⌈width / 2⌉ tiles
  void (*convolve)(const WinogradTask& task, float* scratch, std::int64_t at_a_time,
                   std::int64_t begin, std::int64_t end);
  std::int64_t (*scratch_size)(const WinogradTask& task, std::int64_t at_a_time);
};

/// Null where the compiler does not know the instructions. Only for processors that have them.
const WinogradKernel* winograd_avx2();
const WinogradKernel* winograd_avx512();

}  // namespace velatura::ops
