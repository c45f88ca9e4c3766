#pragma once

#include "layers/linear.h"
#include "layers/norm.h"
#include "layers/resnet_block.h"
#include "models/vae/config.h"

namespace velatura::models {

/// The VAE's norms all use this.
inline constexpr double kVaeNormEps = 1e-6;

/// A ResNet block of the VAE: no time embedding.
inline layers::ResnetBlock2D::Options vae_resnet(const VaeConfig& c, std::int64_t in,
                                                 std::int64_t out) {
  return {.in_channels = in, .out_channels = out, .groups = c.norm_num_groups, .eps = kVaeNormEps};
}

/// Single-head self-attention over the pixels, with its own norm and a residual around it.
class VaeAttention : public layers::Module {
 public:
  VaeAttention(std::int64_t channels, std::int64_t groups);
  at::Tensor forward(const at::Tensor& x) const;  // [B, C, H, W] → the same

 private:
  std::shared_ptr<layers::GroupNorm> group_norm_;
  std::shared_ptr<layers::Linear> to_q_, to_k_, to_v_;
  std::shared_ptr<layers::ModuleList<layers::Linear>> to_out_;
};

/// UNetMidBlock2D: ResNet, attention (if the config has it), ResNet.
class VaeMidBlock : public layers::Module {
 public:
  explicit VaeMidBlock(const VaeConfig& config);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  std::shared_ptr<layers::ModuleList<VaeAttention>> attentions_;  // may be null
  std::shared_ptr<layers::ModuleList<layers::ResnetBlock2D>> resnets_;
};

}  // namespace velatura::models
