#pragma once

#include "layers/module.h"
#include "layers/packed.h"
#include "ops/packed_conv2d.h"

namespace velatura::layers {

/// 2-D convolution, x [B, in, H, W] → [B, out, H', W'], square kernel. pack_weights(), or the first call
/// where the best layout depends on the picture's size, packs the weight and lets go of the
/// parameter.
class Conv2d : public Module {
 public:
  Conv2d(std::int64_t in_channels, std::int64_t out_channels, std::int64_t kernel_size,
         std::int64_t stride = 1, std::int64_t padding = 0, bool bias = true);
  at::Tensor forward(const at::Tensor& x) const;
  /// Without the bias, for what adds it along with something else.
  at::Tensor forward_unbiased(const at::Tensor& x) const;
  const at::Tensor& bias() const { return bias_; }
  void pack_weights() override;
  void hold_as_int8() override { form_ = ops::WeightForm::int8; }
  void forget_old_weights() override { packed_.forget_if_old(weight_); }

 private:
  const ops::PackedConv2d& packed(at::OptionalIntArrayRef input_size) const;

  std::int64_t stride_, padding_;
  mutable at::Tensor weight_;  // [out, in, k, k]
  at::Tensor bias_;            // [out], undefined without
  ops::WeightForm form_ = ops::WeightForm::plain;
  mutable Packed<ops::PackedConv2d> packed_;
};

}  // namespace velatura::layers
