#pragma once

#include "layers/resample.h"
#include "models/unet/block.h"
#include "models/unet/block_options.h"

namespace velatura::models {

/// DownBlock2D and CrossAttnDownBlock2D: ResNet blocks, each followed by a transformer in the
/// latter; then a downsampler except on the coarsest level. ResnetDownsampleBlock2D and
/// SimpleCrossAttnDownBlock2D are the same of other parts.
class ResnetDownBlock : public UNetDownBlock {
 public:
  ResnetDownBlock(const UNetConfig& config, std::size_t level, BlockAttention attention,
                  BlockResampler resampler);
  at::Tensor forward(at::Tensor x, const layers::TimeCondition& time,
                     const layers::AttentionContext& context, Skips& skips,
                     const at::Tensor& residual) const override;

 private:
  std::shared_ptr<layers::ModuleList<layers::ResnetBlock2D>> resnets_;
  std::shared_ptr<layers::ModuleList<layers::MapAttention>> attentions_;  // may be null
  // One or the other, by the same name; on the coarsest level neither.
  std::shared_ptr<layers::ModuleList<layers::Downsample2D>> downsamplers_;
  std::shared_ptr<layers::ModuleList<layers::ResnetBlock2D>> resnet_downsamplers_;
};

}  // namespace velatura::models
