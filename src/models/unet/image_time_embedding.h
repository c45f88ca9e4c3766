#pragma once

#include "layers/conv2d.h"
#include "layers/linear.h"
#include "layers/norm.h"
#include "models/unet/config.h"

namespace velatura::models {

/// What the picture to be made adds to a UNet's time embedding, and with text_image the text; diffusers'
/// ImageTimeEmbedding, ImageHintTimeEmbedding and TextImageTimeEmbedding (Kandinsky 2).
class ImageTimeEmbedding : public layers::Module {
 public:
  /// @param config  addition_embed_type text_image, image or image_hint
  explicit ImageTimeEmbedding(const UNetConfig& config);

  /// @param text   [B, cross_attention_dim] with text_image, else undefined
  /// @param image  [B, image_embed_dim()]
  /// @return       [B, time_embedding_dim]
  at::Tensor forward(const at::Tensor& text, const at::Tensor& image) const;

  /// With image_hint: what a hint becomes. @param hint [B, 3, 8h, 8w] in 0 … 1
  /// @return [B, kHintChannels, h, w]
  at::Tensor forward_hint(const at::Tensor& hint) const;

 private:
  std::shared_ptr<layers::Linear> text_proj_, image_proj_;     // text_proj_ may be null
  std::shared_ptr<layers::LayerNorm> text_norm_, image_norm_;  // of these one is null
  std::vector<std::shared_ptr<layers::Conv2d>> hint_block_;    // empty without hint
};

}  // namespace velatura::models
