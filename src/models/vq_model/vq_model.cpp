#include "models/vq_model/vq_model.h"

namespace velatura::models {
namespace {

// The codebook, for the checkpoint's names: quantize.embedding.weight.
struct VqQuantizer : layers::Module {
  explicit VqQuantizer(const VqConfig& c) {
    child<layers::Embedding>("embedding", c.num_vq_embeddings, c.vq_embed_dim);
  }
};

}  // namespace

VqModel::VqModel(const VqConfig& c)
    : config_(c),
      encoder_(child<VaeEncoder>("encoder", c, c.latent_channels)),
      decoder_(child<VaeDecoder>("decoder", c, c.spatial_norm ? c.vq_embed_dim : 0)),
      quant_conv_(child<layers::Conv2d>("quant_conv", c.latent_channels, c.vq_embed_dim, 1)),
      post_quant_conv_(
          child<layers::Conv2d>("post_quant_conv", c.vq_embed_dim, c.latent_channels, 1)) {
  child<VqQuantizer>("quantize", c);
}

at::Tensor VqModel::encode(const at::Tensor& pixels) const {
  const layers::Visit visit(*this);
  return quant_conv_->forward(encoder_->forward(pixels));
}

// The norms see the latents as they are, before post_quant_conv.
at::Tensor VqModel::decode(const at::Tensor& latents) const {
  const layers::Visit visit(*this);
  return decoder_->forward(post_quant_conv_->forward(latents),
                           config_.spatial_norm ? latents : at::Tensor());
}

}  // namespace velatura::models
