#pragma once

#include "layers/conv2d.h"
#include "layers/norm.h"
#include "models/vae/config.h"
#include "models/vae/mid_block.h"

namespace velatura::models {

class VaeUpBlock;

/// [B, latent_channels, h, w] → [B, out_channels, h * factor, w * factor].
class VaeDecoder : public layers::Module {
 public:
  explicit VaeDecoder(const VaeConfig& config);
  ~VaeDecoder() override;
  at::Tensor forward(const at::Tensor& latents) const;

 private:
  std::shared_ptr<layers::Conv2d> conv_in_, conv_out_;
  std::shared_ptr<layers::ModuleList<VaeUpBlock>> up_blocks_;  // coarsest first
  std::shared_ptr<VaeMidBlock> mid_block_;
  std::shared_ptr<layers::GroupNorm> conv_norm_out_;
};

}  // namespace velatura::models
