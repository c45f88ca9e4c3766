#pragma once

#include "layers/conv2d.h"
#include "layers/embedding.h"
#include "layers/timestep_embedding.h"
#include "models/unet/block.h"
#include "models/unet/config.h"
#include "models/unet/image_time_embedding.h"

namespace velatura::models {

/// A UNet without its way up, which networks beside it share (Zhang et al. 2023, §3.2): conv_in,
/// time_embedding, class_embedding, add_embedding, down_blocks and mid_block, under diffusers' names.
class UNetTrunk : public layers::Module {
 public:
  const UNetConfig& config() const { return config_; }

 protected:
  explicit UNetTrunk(const UNetConfig& config);

  /// What every ResNet block is given: the embeddings' sum with SiLU applied.
  /// @param timesteps     [B] float32: training time, 0 … 999 for the usual models; need not be
  ///                      whole
  /// @param dtype         the model's
  /// @return              [B, time_embedding_dim]
  at::Tensor embed(const at::Tensor& timesteps, const TimeConditions& conditions,
                   at::ScalarType dtype) const;

  /// @param sample  [B, in_channels, h, w]; with image_hint without the hint's channels
  /// @return [B, C, h, w] of the finest level, channels-last
  at::Tensor enter(const at::Tensor& sample, const at::Tensor& hint = {}) const;

  layers::Module& down_blocks() { return *down_blocks_; }
  layers::Module& mid_block() { return *mid_block_; }

  /// Through the down blocks, each of whose outputs is appended to `skips`, and the middle.
  /// @param residuals  of which those of the levels are added
  at::Tensor descend(at::Tensor x, const layers::TimeCondition& time,
                     const layers::AttentionContext& context, Skips& skips,
                     const UNetResiduals& residuals = {}) const;

 private:
  UNetConfig config_;
  std::shared_ptr<layers::Conv2d> conv_in_;
  std::shared_ptr<layers::TimestepEmbedding> time_embedding_;
  std::shared_ptr<layers::Embedding> class_embedding_;  // may be null
  // One or the other, by the same name; or neither.
  std::shared_ptr<layers::TimestepEmbedding> add_embedding_;
  std::shared_ptr<ImageTimeEmbedding> image_embedding_;
  std::shared_ptr<layers::ModuleList<UNetDownBlock>> down_blocks_;
  std::shared_ptr<UNetMidBlock> mid_block_;
};

}  // namespace velatura::models
