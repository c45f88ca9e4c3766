#pragma once

#include "models/controlnet/config.h"
#include "models/unet/unet_trunk.h"

namespace velatura::models {

class ControlNetConditioningEmbedding;

/// A copy of a UNet's way down that is shown a hint, and what it adds to the UNet (Zhang et al.
/// 2023, "Adding Conditional Control to Text-to-Image Diffusion Models"). Named as diffusers'
/// ControlNetModel.
class ControlNetModel : public UNetTrunk {
 public:
  explicit ControlNetModel(const ControlNetConfig& config);
  ~ControlNetModel() override;

  const ControlNetConfig& control_config() const { return config_; }

  /// What the net makes of a hint, which is the same at every step.
  /// @param hint  [B, 3, h * hint_factor(), w * hint_factor()], RGB in [0, 1]
  /// @return      [B, C, h, w] of the finest level
  at::Tensor embed_hint(const at::Tensor& hint) const;

  /// @param sample        [B, in_channels, h, w]
  /// @param timesteps, context, conditions  as the UNet's
  /// @param hint          of embed_hint(), [B, C, h, w]
  /// @return              an addition to each skip and to the middle, not scaled; with
  ///                      global_pool_conditions not pooled either
  UNetResiduals forward(const at::Tensor& sample, const at::Tensor& timesteps,
                        const layers::AttentionContext& context, const TimeConditions& conditions,
                        const at::Tensor& hint) const;

 private:
  ControlNetConfig config_;
  std::shared_ptr<ControlNetConditioningEmbedding> controlnet_cond_embedding_;
  std::shared_ptr<layers::ModuleList<layers::Conv2d>> controlnet_down_blocks_;
  std::shared_ptr<layers::Conv2d> controlnet_mid_block_;
};

}  // namespace velatura::models
