#include "models/vae/autoencoder_kl.h"

namespace velatura::models {

AutoencoderKL::AutoencoderKL(const VaeConfig& c)
    : config_(c),
      encoder_(child<VaeEncoder>("encoder", c, 2 * c.latent_channels)),
      decoder_(child<VaeDecoder>("decoder", c)) {
  const std::int64_t z = c.latent_channels;
  if (c.use_quant_conv) quant_conv_ = child<layers::Conv2d>("quant_conv", 2 * z, 2 * z, 1);
  if (c.use_post_quant_conv) post_quant_conv_ = child<layers::Conv2d>("post_quant_conv", z, z, 1);
}

AutoencoderKL::Posterior AutoencoderKL::encode(const at::Tensor& pixels) const {
  const layers::Visit visit(*this);
  at::Tensor moments = encoder_->forward(pixels);
  if (quant_conv_) moments = quant_conv_->forward(moments);
  const auto parts = moments.chunk(2, 1);
  return {parts[0], parts[1].clamp(-30.0, 20.0)};
}

at::Tensor AutoencoderKL::decode(const at::Tensor& latents) const {
  const layers::Visit visit(*this);
  return decoder_->forward(post_quant_conv_ ? post_quant_conv_->forward(latents) : latents);
}

}  // namespace velatura::models
