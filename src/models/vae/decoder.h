#pragma once

#include "layers/conv2d.h"
#include "layers/spatial_norm.h"
#include "models/vae/config.h"
#include "models/vae/mid_block.h"

namespace velatura::models {

class VaeUpBlock;

/// [B, latent_channels, h, w] → [B, out_channels, h * factor, w * factor].
class VaeDecoder : public layers::Module {
 public:
  /// @param told  channels of the latents that all its norms are told (MoVQ, Zheng et al. 2022); 0:
  ///              they are told none
  explicit VaeDecoder(const VaeConfig& config, std::int64_t told = 0);
  ~VaeDecoder() override;
  /// @param told  [B, told, h, w] for norms that are told latents, else undefined
  at::Tensor forward(const at::Tensor& latents, const at::Tensor& told = {}) const;

 private:
  std::shared_ptr<layers::Conv2d> conv_in_, conv_out_;
  std::shared_ptr<layers::ModuleList<VaeUpBlock>> up_blocks_;  // coarsest first
  std::shared_ptr<VaeMidBlock> mid_block_;
  layers::PlainOrSpatialNorm conv_norm_out_;
};

}  // namespace velatura::models
