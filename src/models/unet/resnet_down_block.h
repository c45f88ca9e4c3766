#pragma once

#include "layers/resample.h"
#include "models/unet/block.h"
#include "models/unet/block_options.h"

namespace velatura::models {

/// DownBlock2D and CrossAttnDownBlock2D: ResNet blocks, each followed by a transformer in the
/// latter; then a downsampler except on the coarsest level.
class ResnetDownBlock : public UNetDownBlock {
 public:
  ResnetDownBlock(const UNetConfig& config, std::size_t level, BlockAttention attention);
  at::Tensor forward(at::Tensor x, const layers::TimeCondition& time,
                     const layers::AttentionContext& context, Skips& skips,
                     const at::Tensor& residual) const override;

 private:
  std::shared_ptr<layers::ModuleList<layers::ResnetBlock2D>> resnets_;
  std::shared_ptr<layers::ModuleList<layers::Transformer2DModel>> attentions_;  // may be null
  std::shared_ptr<layers::ModuleList<layers::Downsample2D>> downsamplers_;      // may be null
};

}  // namespace velatura::models
