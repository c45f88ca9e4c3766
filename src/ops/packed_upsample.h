#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "ops/packed_conv2d.h"

namespace velatura::ops {

/// Enlargement by nearest neighbours, then a 3×3 convolution with padding 1. Doubling both sides on
/// the CPU, it is Winograd's way (WinogradConv2d), which reads the small picture, or one transposed convolution of
/// it: of the 36 products that four neighbours of the large one take, those that see the same pixel are added up
/// beforehand, which leaves 16. It holds the only copy of the weight it needs: the caller may drop the one given.
class PackedUpsample {
 public:
  /// @param weight      [out, in, 3, 3]
  /// @param bias        [out] or undefined
  /// @param input_size  of the small picture, as PackedConv2d has it
  PackedUpsample(const at::Tensor& weight, at::Tensor bias, at::OptionalIntArrayRef input_size,
                 WeightForm form = WeightForm::plain);

  /// As PackedConv2d's.
  static bool suits_any_size(const at::Tensor& weight, WeightForm form = WeightForm::plain) {
    return PackedConv2d::suits_any_size(weight, {1, 1}, {1, 1}, form);
  }

  /// @param x     [B, in, H, W], best channels_last
  /// @param size  height and width to reach
  /// @return      [B, out, size]
  at::Tensor operator()(const at::Tensor& x, at::IntArrayRef size) const;

  /// False if the weight was laid out anew: the one given is not needed any more.
  bool holds(const at::Tensor& weight) const { return conv_ && conv_->holds(weight); }

 private:
  std::optional<WinogradConv2d> winograd_;    // or
  at::Tensor bias_, folded_;                  // folded_: undefined where there is no gain
  mutable std::optional<PackedConv2d> conv_;  // for sizes that are not doubled
};

}  // namespace velatura::ops
