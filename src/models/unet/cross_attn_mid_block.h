#pragma once

#include "models/unet/block.h"
#include "models/unet/block_options.h"

namespace velatura::models {

/// UNetMidBlock2DCrossAttn: ResNet, transformer, ResNet.
class CrossAttnMidBlock : public UNetMidBlock {
 public:
  explicit CrossAttnMidBlock(const UNetConfig& config);
  at::Tensor forward(const at::Tensor& x, const layers::TimeCondition& time,
                     const layers::AttentionContext& context) const override;

 private:
  std::shared_ptr<layers::ModuleList<layers::Transformer2DModel>> attentions_;
  std::shared_ptr<layers::ModuleList<layers::ResnetBlock2D>> resnets_;
};

}  // namespace velatura::models
