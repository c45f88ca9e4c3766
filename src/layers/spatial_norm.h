#pragma once

#include "layers/conv2d.h"
#include "layers/norm.h"

namespace velatura::layers {

/// Group normalisation whose scale and shift depend on the place, worked out from the latents that a
/// picture is decoded from (Zheng et al. 2022, MoVQ): GroupNorm(x) · conv_y(z) + conv_b(z).
class SpatialNorm : public Module {
 public:
  SpatialNorm(std::int64_t channels, std::int64_t latent_channels);

  /// @param x        [B, C, H, W]
  /// @param latents  [B, Z, h, w], brought to H and W by nearest neighbours
  at::Tensor forward(at::Tensor x, const at::Tensor& latents) const;

 private:
  std::shared_ptr<GroupNorm> norm_layer_;
  std::shared_ptr<Conv2d> conv_y_, conv_b_;
};

/// A norm that one kind of network has as GroupNorm and another as SpatialNorm: one is null.
struct PlainOrSpatialNorm {
  std::shared_ptr<GroupNorm> plain;
  std::shared_ptr<SpatialNorm> spatial;

  /// @param latents  undefined for the plain one
  at::Tensor forward(at::Tensor x, const at::Tensor& latents) const;
  /// SiLU of the same.
  at::Tensor forward_silu(at::Tensor x, const at::Tensor& latents) const;
};

}  // namespace velatura::layers
