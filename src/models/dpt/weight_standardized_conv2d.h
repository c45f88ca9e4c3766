#pragma once

#include "layers/module.h"
#include "layers/packed.h"
#include "ops/packed_conv2d.h"

namespace velatura::models {

/// Pads [B, C, H, W] with zeros as TensorFlow's "SAME" does, so that a window of side `kernel`
/// yields ⌈H / stride⌉ × ⌈W / stride⌉ places; where the padding is odd, more goes below and right.
at::Tensor pad_same(const at::Tensor& x, std::int64_t kernel, std::int64_t stride);

/// 2-D convolution without bias, padded by pad_same, whose weight is standardised for each output
/// channel (Qiao et al. 2019): x [B, in, H, W] → [B, out, ⌈H / stride⌉, ⌈W / stride⌉]. The first
/// call standardises and packs the weight, and lets go of the parameter.
class WeightStandardizedConv2d : public layers::Module {
 public:
  /// @param kernel_size  odd
  WeightStandardizedConv2d(std::int64_t in_channels, std::int64_t out_channels,
                           std::int64_t kernel_size, std::int64_t stride = 1);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  std::int64_t kernel_size_, stride_;
  mutable at::Tensor weight_;  // [out, in, k, k]
  mutable layers::Packed<ops::PackedConv2d> packed_;
};

}  // namespace velatura::models
