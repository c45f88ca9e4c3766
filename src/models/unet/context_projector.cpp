#include "models/unet/context_projector.h"

#include <ATen/ATen.h>

namespace velatura::models {

ContextProjector::ContextProjector(const UNetConfig& c)
    : tokens_(c.encoder_hid_dim_type == ContextProjection::text_image ? 10 : 32) {
  const std::int64_t width = c.levels.front().cross_attention_dim;
  image_embeds_ = child<layers::Linear>("image_embeds", c.image_embed_dim(), tokens_ * width);
  if (c.encoder_hid_dim_type == ContextProjection::text_image) {
    text_proj_ = child<layers::Linear>("text_proj", c.encoder_hid_dim, width);
  } else {
    norm_ = child<layers::LayerNorm>("norm", width);
  }
}

at::Tensor ContextProjector::forward(const at::Tensor& text, const at::Tensor& image) const {
  const at::Tensor seen = image_embeds_->forward(image).unflatten(1, {tokens_, -1});
  if (norm_) return norm_->forward(seen);
  return at::cat({seen, text_proj_->forward(text)}, 1);
}

}  // namespace velatura::models
