#pragma once

#include "layers/module.h"

namespace velatura::layers {

/// Group normalisation (Wu & He 2018) of [B, C, H, W] over `groups` groups of channels.
class GroupNorm : public Module {
 public:
  GroupNorm(std::int64_t groups, std::int64_t channels, double eps);
  at::Tensor forward(const at::Tensor& x) const;
  /// SiLU of the normalised input, as every ResNet block wants it.
  at::Tensor forward_silu(const at::Tensor& x) const;

 private:
  std::int64_t groups_;
  double eps_;
  at::Tensor weight_, bias_;  // [C]
};

/// Layer normalisation (Ba et al. 2016) over the last dimension.
class LayerNorm : public Module {
 public:
  explicit LayerNorm(std::int64_t channels, double eps = 1e-5);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  std::int64_t channels_;
  double eps_;
  at::Tensor weight_, bias_;  // [C]
};

}  // namespace velatura::layers
