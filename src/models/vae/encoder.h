#pragma once

#include "layers/conv2d.h"
#include "layers/norm.h"
#include "models/vae/config.h"
#include "models/vae/mid_block.h"

namespace velatura::models {

class VaeDownBlock;

/// [B, in_channels, H, W] → [B, moments, H / factor, W / factor].
class VaeEncoder : public layers::Module {
 public:
  /// @param moments  channels: of an AutoencoderKL means, then logarithms of the variances
  VaeEncoder(const VaeConfig& config, std::int64_t moments);
  ~VaeEncoder() override;
  at::Tensor forward(const at::Tensor& pixels) const;

 private:
  std::shared_ptr<layers::Conv2d> conv_in_, conv_out_;
  std::shared_ptr<layers::ModuleList<VaeDownBlock>> down_blocks_;
  std::shared_ptr<VaeMidBlock> mid_block_;
  std::shared_ptr<layers::GroupNorm> conv_norm_out_;
};

}  // namespace velatura::models
