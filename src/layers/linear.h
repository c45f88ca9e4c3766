#pragma once

#include "layers/module.h"
#include "layers/packed.h"
#include "ops/packed_linear.h"

namespace velatura::layers {

/// y = x Wᵀ + b, with x [..., in_features] and y [..., out_features]. pack_weights(), or the first
/// call, packs the weight where that gains something, and lets go of the parameter.
class Linear : public Module {
 public:
  Linear(std::int64_t in_features, std::int64_t out_features, bool bias = true);
  at::Tensor forward(const at::Tensor& x) const;
  void pack_weights() override { packed(); }
  void hold_as_int8() override { form_ = ops::WeightForm::int8; }
  ops::WeightForm form() const { return form_; }
  void forget_old_weights() override { packed_.forget_if_old(weight_); }

  /// Handles: what they are given by set_data, the layer has. The bias is undefined without one.
  at::Tensor weight() const { return weight_; }
  at::Tensor bias() const { return bias_; }

 private:
  const ops::PackedLinear& packed() const;

  mutable at::Tensor weight_;  // [out, in]
  at::Tensor bias_;            // [out], undefined without
  ops::WeightForm form_ = ops::WeightForm::plain;
  mutable Packed<ops::PackedLinear> packed_;
};

}  // namespace velatura::layers
