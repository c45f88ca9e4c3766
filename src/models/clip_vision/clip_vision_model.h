#pragma once

#include "layers/conv2d.h"
#include "layers/embedding.h"
#include "layers/norm.h"
#include "models/clip/encoder_layer.h"
#include "models/clip_vision/config.h"

namespace velatura::models {

/// CLIP's picture tower (Radford et al. 2021), transformers' CLIPVisionModelWithProjection.
class ClipVisionModel : public layers::Module {
 public:
  explicit ClipVisionModel(const ClipVisionConfig& config);

  /// What a picture shows, in one vector.
  /// @param pixels [B, 3, image_size, image_size]  @return image_embeds [B, projection_dim]
  at::Tensor embed(const at::Tensor& pixels) const;

  /// What goes into the last layer, transformers' hidden_states[-2].
  /// @param pixels [B, 3, image_size, image_size]  @return [B, tokens, hidden_size]
  at::Tensor penultimate(const at::Tensor& pixels) const;

  const ClipVisionConfig& config() const { return config_; }

 private:
  ClipVisionConfig config_;
  at::Tensor class_embedding_;  // [hidden_size]
  std::shared_ptr<layers::Conv2d> patch_embedding_;
  std::shared_ptr<layers::Embedding> position_embedding_;
  std::shared_ptr<layers::LayerNorm> pre_norm_, post_norm_;
  std::shared_ptr<ClipEncoder> encoder_;
  std::shared_ptr<layers::Linear> visual_projection_;
};

}  // namespace velatura::models
