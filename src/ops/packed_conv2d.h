#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <optional>

#include "ops/matmul/packed_matrix.h"
#include "ops/winograd/winograd_conv2d.h"

namespace velatura::ops {

/// at::conv2d with its weight laid out once, for Winograd's way (WinogradConv2d), as a matrix for a 1×1 kernel
/// (PackedMatrix) or in the blocks in which oneDNN computes; ATen lays it out anew at every call. It holds the only
/// copy it needs: the caller may drop the weight. Half precision that oneDNN does not compute in here is widened.
/// On other devices it is at::conv2d: on CUDA with a channels_last weight, or for a 1×1 kernel a matrix product,
/// which adds the bias on its way.
class PackedConv2d {
 public:
  using Pair = std::array<std::int64_t, 2>;  // of height and width

  /// @param weight      [out, in, k, k]
  /// @param bias        [out] or undefined
  /// @param input_size  [B, in, H, W] that the layout shall suit; other sizes give the same result,
  ///                    more slowly, unless suits_any_size()
  PackedConv2d(const at::Tensor& weight, at::Tensor bias, Pair stride, Pair padding,
               at::OptionalIntArrayRef input_size, WeightForm form = WeightForm::plain);

  /// Whether one layout suits pictures of all sizes, so that none needs to be named: where it is for Winograd's
  /// way or as a matrix; else not of single pixels' products, and on the CPU only with AVX-512, but for output
  /// channels that oneDNN takes by 48 or by 32 at a time as the size suggests, which it does with fewer than 960.
  /// With AVX2 it takes 16, 24 or 32, and those of a size that is not named are the wrong ones for most pictures;
  /// laid out anew at every call they would cost more than the convolution itself.
  /// @param weight  [out, in, k, k]
  static bool suits_any_size(const at::Tensor& weight, Pair stride, Pair padding,
                             WeightForm form = WeightForm::plain);

  /// @param x  [B, in, H, W], best channels_last
  /// @return   [B, out, H', W'], channels_last if the weight is packed
  at::Tensor operator()(const at::Tensor& x) const {
    return winograd_ ? (*winograd_)(x) : convolve(x, bias_);
  }

  /// The same without the bias.
  at::Tensor unbiased(const at::Tensor& x) const {
    return winograd_ ? winograd_->unbiased(x) : convolve(x, {});
  }

  /// False if the weight was laid out anew: the one given is not needed any more.
  bool holds(const at::Tensor& weight) const {
    return weight_.defined() && !weight_.is_mkldnn() && weight_.is_alias_of(weight);
  }

 private:
  at::Tensor convolve(const at::Tensor& x, const at::Tensor& bias) const;

  std::optional<WinogradConv2d> winograd_;  // or
  std::optional<PackedMatrix> matrix_;      // or
  at::Tensor weight_;
  at::Tensor bias_;
  Pair stride_, padding_;
};

}  // namespace velatura::ops
