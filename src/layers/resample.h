#pragma once

#include <optional>

#include "layers/conv2d.h"
#include "layers/packed.h"
#include "ops/packed_upsample.h"

namespace velatura::layers {

/// Convolution of stride 2: [B, C, H, W] → [B, C, ⌈H/2⌉, ⌈W/2⌉].
class Downsample2D : public Module {
 public:
  /// @param padding  on all sides; 0 pads one row below and one column right instead (VAE)
  Downsample2D(std::int64_t channels, std::int64_t padding);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  std::int64_t padding_;
  std::shared_ptr<Conv2d> conv_;
};

/// Nearest-neighbour enlargement and a 3×3 convolution, as one operator (ops::PackedUpsample), under
/// the convolution's name.
class UpsampledConv2d : public Module {
 public:
  UpsampledConv2d(std::int64_t in_channels, std::int64_t out_channels);
  /// @param size  height and width to reach; twice the input's if absent
  at::Tensor forward(const at::Tensor& x, std::optional<at::IntArrayRef> size = {}) const;
  void pack_weights() override {
    if (ops::PackedUpsample::suits_any_size(weight_, form_)) packed(std::nullopt);
  }
  void hold_as_int8() override { form_ = ops::WeightForm::int8; }
  void forget_old_weights() override { packed_.forget_if_old(weight_); }

 private:
  const ops::PackedUpsample& packed(at::OptionalIntArrayRef input_size) const;

  mutable at::Tensor weight_;  // [out, in, 3, 3]
  at::Tensor bias_;            // [out]
  ops::WeightForm form_ = ops::WeightForm::plain;
  mutable Packed<ops::PackedUpsample> packed_;
};

/// The same, named as diffusers' Upsample2D.
class Upsample2D : public Module {
 public:
  explicit Upsample2D(std::int64_t channels)
      : conv_(child<UpsampledConv2d>("conv", channels, channels)) {}
  /// @param size  height and width to reach; twice the input's if absent
  at::Tensor forward(const at::Tensor& x, std::optional<at::IntArrayRef> size = {}) const {
    return conv_->forward(x, size);
  }

 private:
  std::shared_ptr<UpsampledConv2d> conv_;
};

}  // namespace velatura::layers
