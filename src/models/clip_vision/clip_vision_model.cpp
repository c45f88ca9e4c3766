#include "models/clip_vision/clip_vision_model.h"

#include <ATen/ATen.h>

namespace velatura::models {

using layers::Conv2d;
using layers::Embedding;
using layers::LayerNorm;
using layers::Linear;
using layers::Module;

namespace {

// Containers that exist only for the checkpoint's names; "layrnorm" is spelled so there.
struct VisionEmbeddings : Module {
  explicit VisionEmbeddings(const ClipVisionConfig& c)
      : class_embedding(declare("class_embedding", {c.hidden_size})),
        patch(child<Conv2d>("patch_embedding", c.num_channels, c.hidden_size, c.patch_size,
                            c.patch_size, 0, /*bias=*/false)),
        position(child<Embedding>("position_embedding", c.tokens(), c.hidden_size)) {}
  at::Tensor class_embedding;
  std::shared_ptr<Conv2d> patch;
  std::shared_ptr<Embedding> position;
};

struct VisionTransformer : Module {
  explicit VisionTransformer(const ClipVisionConfig& c)
      : embeddings(child<VisionEmbeddings>("embeddings", c)),
        pre_norm(child<LayerNorm>("pre_layrnorm", c.hidden_size, c.layer_norm_eps)),
        encoder(child<ClipEncoder>("encoder", c, /*causal=*/false)),
        post_norm(child<LayerNorm>("post_layernorm", c.hidden_size, c.layer_norm_eps)) {}
  std::shared_ptr<VisionEmbeddings> embeddings;
  std::shared_ptr<LayerNorm> pre_norm;
  std::shared_ptr<ClipEncoder> encoder;
  std::shared_ptr<LayerNorm> post_norm;
};

}  // namespace

ClipVisionModel::ClipVisionModel(const ClipVisionConfig& config) : config_(config) {
  const auto vision_model = child<VisionTransformer>("vision_model", config);
  class_embedding_ = vision_model->embeddings->class_embedding;
  patch_embedding_ = vision_model->embeddings->patch;
  position_embedding_ = vision_model->embeddings->position;
  pre_norm_ = vision_model->pre_norm;
  encoder_ = vision_model->encoder;
  post_norm_ = vision_model->post_norm;
  visual_projection_ =
      child<Linear>("visual_projection", config.hidden_size, config.projection_dim, /*bias=*/false);
}

at::Tensor ClipVisionModel::penultimate(const at::Tensor& pixels) const {
  const layers::Visit visit(*this);
  const auto patches = patch_embedding_->forward(pixels).flatten(2).transpose(1, 2);
  const auto whole = class_embedding_.expand({pixels.size(0), 1, -1});
  const auto positions = at::arange(config_.tokens(), pixels.options().dtype(at::kLong));
  at::Tensor hidden = at::cat({whole, patches}, 1) + position_embedding_->forward(positions);
  hidden = pre_norm_->forward(hidden);
  const auto& layers = encoder_->layers();
  for (std::size_t i = 0; i + 1 < layers.size(); ++i) hidden = layers[i].forward(hidden);
  return hidden;
}

at::Tensor ClipVisionModel::embed(const at::Tensor& pixels) const {
  const layers::Visit visit(*this);
  const auto& layers = encoder_->layers();
  const auto hidden = layers[layers.size() - 1].forward(penultimate(pixels));
  return visual_projection_->forward(post_norm_->forward(hidden.select(1, 0)));
}

}  // namespace velatura::models
