#pragma once

#include "layers/linear.h"
#include "layers/resnet_block.h"
#include "layers/spatial_norm.h"
#include "models/vae/config.h"

namespace velatura::models {

/// The VAE's norms all use this.
inline constexpr double kVaeNormEps = 1e-6;

/// A ResNet block of the VAE: no time embedding.
/// @param told  channels of the latents that its norms are told; 0: they are told none
inline layers::ResnetBlock2D::Options vae_resnet(const VaeConfig& c, std::int64_t in,
                                                 std::int64_t out, std::int64_t told = 0) {
  return {.in_channels = in,
          .out_channels = out,
          .groups = c.norm_num_groups,
          .eps = kVaeNormEps,
          .latent_channels = told};
}

/// Single-head self-attention over the pixels, with its own norm and a residual around it.
class VaeAttention : public layers::Module {
 public:
  /// @param told  as vae_resnet() has it
  VaeAttention(std::int64_t channels, std::int64_t groups, std::int64_t told = 0);
  /// @param x [B, C, H, W]  @return the same  @param latents  that the norm is told
  at::Tensor forward(const at::Tensor& x, const at::Tensor& latents = {}) const;

 private:
  layers::PlainOrSpatialNorm norm_;
  std::shared_ptr<layers::Linear> to_q_, to_k_, to_v_;
  std::shared_ptr<layers::ModuleList<layers::Linear>> to_out_;
};

/// UNetMidBlock2D: ResNet, attention (if the config has it), ResNet.
class VaeMidBlock : public layers::Module {
 public:
  /// @param told  as vae_resnet() has it
  explicit VaeMidBlock(const VaeConfig& config, std::int64_t told = 0);
  at::Tensor forward(const at::Tensor& x, const at::Tensor& latents = {}) const;

 private:
  std::shared_ptr<layers::ModuleList<VaeAttention>> attentions_;  // may be null
  std::shared_ptr<layers::ModuleList<layers::ResnetBlock2D>> resnets_;
};

}  // namespace velatura::models
