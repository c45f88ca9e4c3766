#pragma once

#include "layers/embedding.h"
#include "layers/timestep_embedding.h"
#include "models/unet/blocks.h"
#include "models/unet/config.h"

namespace velatura::models {

/// The text-conditioned denoiser (Rombach et al. 2022), named as diffusers' UNet2DConditionModel.
class UNet2DConditionModel : public layers::Module {
 public:
  explicit UNet2DConditionModel(const UNetConfig& config);

  /// @param sample        [B, in_channels, h, w], any h and w >= 1
  /// @param timestep      training time, 0 … 999 for the usual models; need not be whole
  /// @param context       encoder_hidden_states [B, T, cross_attention_dim]
  /// @param class_labels  [B] int64, for models with num_class_embeds; else undefined
  /// @return              [B, out_channels, h, w], channels-last
  at::Tensor forward(const at::Tensor& sample, double timestep, const at::Tensor& context,
                     const at::Tensor& class_labels = {}) const;

  const UNetConfig& config() const { return config_; }

 private:
  UNetConfig config_;
  std::shared_ptr<layers::Conv2d> conv_in_, conv_out_;
  std::shared_ptr<layers::TimestepEmbedding> time_embedding_;
  std::shared_ptr<layers::Embedding> class_embedding_;  // may be null
  std::shared_ptr<layers::ModuleList<UNetDownBlock>> down_blocks_;
  std::shared_ptr<layers::ModuleList<UNetUpBlock>> up_blocks_;  // coarsest first
  std::shared_ptr<UNetMidBlock> mid_block_;
  std::shared_ptr<layers::GroupNorm> conv_norm_out_;
};

}  // namespace velatura::models
