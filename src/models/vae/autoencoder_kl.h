#pragma once

#include "models/vae/decoder.h"
#include "models/vae/encoder.h"

namespace velatura::models {

/// The variational autoencoder between pixels and latents (Kingma & Welling 2014; Rombach et al.
/// 2022), named as diffusers' AutoencoderKL. Pixels are in [-1, 1].
class AutoencoderKL : public layers::Module {
 public:
  explicit AutoencoderKL(const VaeConfig& config);

  /// The posterior of the latents, before scaling_factor is applied.
  struct Posterior {
    at::Tensor mean, log_variance;  ///< each [B, latent_channels, h, w]
  };
  /// @param pixels [B, in_channels, H, W] in [-1, 1]; H and W multiples of config().factor()
  Posterior encode(const at::Tensor& pixels) const;

  /// @param latents [B, latent_channels, h, w], scaling_factor already undone
  /// @return        [B, out_channels, h * factor, w * factor], about [-1, 1], not clamped
  at::Tensor decode(const at::Tensor& latents) const;

  const VaeConfig& config() const { return config_; }

 private:
  VaeConfig config_;
  std::shared_ptr<VaeEncoder> encoder_;
  std::shared_ptr<VaeDecoder> decoder_;
  std::shared_ptr<layers::Conv2d> quant_conv_, post_quant_conv_;  // may be null
};

}  // namespace velatura::models
