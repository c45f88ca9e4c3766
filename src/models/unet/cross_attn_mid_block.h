#pragma once

#include "models/unet/block.h"
#include "models/unet/block_options.h"

namespace velatura::models {

/// UNetMidBlock2DCrossAttn: ResNet, transformer, ResNet; UNetMidBlock2DSimpleCrossAttn, with another
/// attention; and UNetMidBlock2D, as UNets have it: the first ResNet alone.
class CrossAttnMidBlock : public UNetMidBlock {
 public:
  CrossAttnMidBlock(const UNetConfig& config, BlockAttention attention);
  at::Tensor forward(const at::Tensor& x, const layers::TimeCondition& time,
                     const layers::AttentionContext& context) const override;

 private:
  std::shared_ptr<layers::ModuleList<layers::MapAttention>> attentions_;  // may be null
  std::shared_ptr<layers::ModuleList<layers::ResnetBlock2D>> resnets_;
};

}  // namespace velatura::models
