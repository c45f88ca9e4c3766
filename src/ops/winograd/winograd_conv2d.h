#pragma once

#include <ATen/core/Tensor.h>

#include "ops/int8_weight.h"

namespace velatura::ops {

/// at::conv2d by a 3×3 kernel with stride and padding 1, computed by F(4×4, 3×3) (see winograd.h), which takes
/// four times fewer products: on a CPU with AVX2, in float32 and in half precision that oneDNN does not compute in
/// there, which is widened on its way. With weights that are held as int8 in all these types. Its rounding errors are a few times those of the
/// plain way, up to 4e-6 of the largest value. Bits depend neither on threads nor on what else is in the batch.
/// It holds the only copy of the weight it needs: the caller may drop the one given.
class WinogradConv2d {
 public:
  /// Whether it computes with such a weight: channels by sixteen. VELATURA_WINOGRAD=off: with none.
  /// @param weight  [out, in, 3, 3]
  static bool suits(const at::Tensor& weight, WeightForm form = WeightForm::plain);

  /// @param weight  one that suits
  /// @param bias    [out] or undefined
  WinogradConv2d(const at::Tensor& weight, at::Tensor bias, WeightForm form = WeightForm::plain);

  /// @param x  [B, in, H, W], best channels_last
  /// @return   [B, out, H, W], channels_last
  at::Tensor operator()(const at::Tensor& x) const { return convolve(x, bias_, 1); }

  /// The same without the bias.
  at::Tensor unbiased(const at::Tensor& x) const { return convolve(x, {}, 1); }

  /// Of x enlarged to twice its sides by nearest neighbours. @return  [B, out, 2H, 2W]
  at::Tensor of_doubled(const at::Tensor& x) const { return convolve(x, bias_, 2); }

 private:
  at::Tensor convolve(const at::Tensor& x, const at::Tensor& bias, std::int64_t enlarged) const;

  at::ScalarType type_;
  at::Tensor weight_;                 // [out / block, in, 9, block]
  at::Tensor scales_, point_scales_;  // of int8 [out], [points, out]
  at::Tensor bias_;
};

}  // namespace velatura::ops
