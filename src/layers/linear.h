#pragma once

#include <optional>

#include "layers/module.h"
#include "ops/packed_linear.h"

namespace velatura::layers {

/// y = x Wᵀ + b, with x [..., in_features] and y [..., out_features]. A weight that is used
/// often is packed where that gains something, and the parameter let go of.
class Linear : public Module {
 public:
  Linear(std::int64_t in_features, std::int64_t out_features, bool bias = true);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  at::Tensor weight_;  // [out, in]
  at::Tensor bias_;    // [out], undefined without
  mutable int uses_ = 0;
  mutable std::optional<ops::PackedLinear> packed_;
};

}  // namespace velatura::layers
