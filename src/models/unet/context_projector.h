#pragma once

#include "layers/linear.h"
#include "layers/norm.h"
#include "models/unet/config.h"

namespace velatura::models {

/// Makes what a UNet's attention looks at of the picture to be made and, with text_image_proj, of the
/// text; diffusers' ImageProjection and TextImageProjection (Kandinsky 2).
class ContextProjector : public layers::Module {
 public:
  /// @param config  encoder_hid_dim_type text_image or image
  explicit ContextProjector(const UNetConfig& config);

  /// @param text   [B, T, encoder_hid_dim] with text_image_proj, else undefined
  /// @param image  [B, image_embed_dim()]
  /// @return       [B, 10 + T or 32, cross_attention_dim]
  at::Tensor forward(const at::Tensor& text, const at::Tensor& image) const;

 private:
  std::int64_t tokens_;                                       // of the picture
  std::shared_ptr<layers::Linear> image_embeds_, text_proj_;  // text_proj_ may be null
  std::shared_ptr<layers::LayerNorm> norm_;                   // null with text_proj_
};

}  // namespace velatura::models
