#pragma once

#include "layers/embedding.h"
#include "models/vae/decoder.h"
#include "models/vae/encoder.h"
#include "models/vq_model/config.h"

namespace velatura::models {

/// The autoencoder with a codebook (van den Oord et al. 2017; with spatial norms MoVQ, Zheng et al.
/// 2022), named as diffusers' VQModel. Pixels are in [-1, 1]. As latent diffusion uses it, latents are
/// not quantised, so that the codebook is not looked at.
class VqModel : public layers::Module {
 public:
  explicit VqModel(const VqConfig& config);

  /// @param pixels  [B, in_channels, H, W] in [-1, 1]; H and W multiples of config().factor()
  /// @return        latents [B, vq_embed_dim, H / factor, W / factor]
  at::Tensor encode(const at::Tensor& pixels) const;

  /// diffusers' with force_not_quantize.
  /// @param latents [B, vq_embed_dim, h, w]
  /// @return        [B, out_channels, h * factor, w * factor], about [-1, 1], not clamped
  at::Tensor decode(const at::Tensor& latents) const;

  const VqConfig& config() const { return config_; }

 private:
  VqConfig config_;
  std::shared_ptr<VaeEncoder> encoder_;
  std::shared_ptr<VaeDecoder> decoder_;
  std::shared_ptr<layers::Conv2d> quant_conv_, post_quant_conv_;
};

}  // namespace velatura::models
