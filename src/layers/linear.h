#pragma once

#include "layers/module.h"

namespace velatura::layers {

/// y = x Wᵀ + b, with x [..., in_features] and y [..., out_features].
class Linear : public Module {
 public:
  Linear(std::int64_t in_features, std::int64_t out_features, bool bias = true);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  at::Tensor weight_;  // [out, in]
  at::Tensor bias_;    // [out], undefined without
};

}  // namespace velatura::layers
