#pragma once

#include "layers/resample.h"
#include "models/unet/block.h"
#include "models/unet/block_options.h"

namespace velatura::models {

/// UpBlock2D and CrossAttnUpBlock2D: as on the way down, each ResNet block taking a skip as well;
/// then an upsampler except on the finest level. ResnetUpsampleBlock2D and SimpleCrossAttnUpBlock2D are
/// the same of other parts; their upsamplers double.
class ResnetUpBlock : public UNetUpBlock {
 public:
  ResnetUpBlock(const UNetConfig& config, std::size_t level, BlockAttention attention,
                BlockResampler resampler);
  at::Tensor forward(at::Tensor x, const layers::TimeCondition& time,
                     const layers::AttentionContext& context, Skips& skips) const override;

 private:
  std::shared_ptr<layers::ModuleList<layers::ResnetBlock2D>> resnets_;
  std::shared_ptr<layers::ModuleList<layers::MapAttention>> attentions_;  // may be null
  // One or the other, by the same name; on the finest level neither.
  std::shared_ptr<layers::ModuleList<layers::Upsample2D>> upsamplers_;
  std::shared_ptr<layers::ModuleList<layers::ResnetBlock2D>> resnet_upsamplers_;
};

}  // namespace velatura::models
