#include "models/clip_text/clip_text_model.h"

#include <ATen/ATen.h>

namespace velatura::models {

using layers::Embedding;
using layers::LayerNorm;
using layers::Module;

namespace {

// Containers that exist only for the checkpoint's names.
struct TextEmbeddings : Module {
  explicit TextEmbeddings(const ClipTextConfig& c)
      : token(child<Embedding>("token_embedding", c.vocab_size, c.hidden_size)),
        position(child<Embedding>("position_embedding", c.max_position_embeddings, c.hidden_size)) {
  }
  std::shared_ptr<Embedding> token, position;
};

struct TextTransformer : Module {
  explicit TextTransformer(const ClipTextConfig& c)
      : embeddings(child<TextEmbeddings>("embeddings", c)),
        encoder(child<ClipEncoder>("encoder", c, /*causal=*/true)),
        final_layer_norm(child<LayerNorm>("final_layer_norm", c.hidden_size, c.layer_norm_eps)) {}
  std::shared_ptr<TextEmbeddings> embeddings;
  std::shared_ptr<ClipEncoder> encoder;
  std::shared_ptr<LayerNorm> final_layer_norm;
};

// [B, T] → [B]
at::Tensor text_ends(const at::Tensor& ids, std::int64_t eos_token_id) {
  constexpr std::int64_t kOldConfigs = 2;
  if (eos_token_id == kOldConfigs) return ids.argmax(1);
  return ids.eq(eos_token_id).to(at::kInt).argmax(1);
}

}  // namespace

ClipTextModel::ClipTextModel(const ClipTextConfig& config) : config_(config) {
  const auto text_model = child<TextTransformer>("text_model", config);
  token_embedding_ = text_model->embeddings->token;
  position_embedding_ = text_model->embeddings->position;
  encoder_ = text_model->encoder;
  final_layer_norm_ = text_model->final_layer_norm;
}

at::Tensor ClipTextModel::token_vectors(const at::Tensor& ids, const at::Tensor& learned) const {
  if (!learned.defined()) return token_embedding_->forward(ids);
  const auto known = token_embedding_->forward(ids.clamp_max(config_.vocab_size - 1));
  const auto beyond = ids - config_.vocab_size;
  const auto taught = at::embedding(learned.to(known.options()), beyond.clamp_min(0));
  return at::where(beyond.ge(0).unsqueeze(-1), taught, known);
}

ClipTextOutput ClipTextModel::forward(const at::Tensor& ids, ClipHiddenState state,
                                      const at::Tensor& learned) const {
  const layers::Visit visit(*this);
  const auto positions = at::arange(ids.size(1), ids.options());
  at::Tensor hidden = token_vectors(ids, learned) + position_embedding_->forward(positions);
  const auto& layers = encoder_->layers();
  const auto used = layers.size() - static_cast<std::size_t>(state.left_out);
  at::Tensor seen;
  for (std::size_t i = 0; i <= layers.size(); ++i) {
    if (i == used) seen = state.final_norm ? final_layer_norm_->forward(hidden) : hidden;
    if (i < layers.size()) hidden = layers[i].forward(hidden);
  }
  const auto rows = at::arange(ids.size(0), ids.options());
  const auto ends = hidden.index({rows, text_ends(ids, config_.eos_token_id)});
  return {seen, project(final_layer_norm_->forward(ends))};
}

}  // namespace velatura::models
