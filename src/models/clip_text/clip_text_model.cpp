#include "models/clip_text/clip_text_model.h"

#include "layers/attention.h"

namespace velatura::models {

using layers::Embedding;
using layers::LayerNorm;
using layers::Linear;
using layers::Module;
using layers::ModuleList;

namespace {

struct SelfAttention : Module {
  explicit SelfAttention(const ClipTextConfig& c)
      : heads(c.num_attention_heads),
        q_proj(child<Linear>("q_proj", c.hidden_size, c.hidden_size)),
        k_proj(child<Linear>("k_proj", c.hidden_size, c.hidden_size)),
        v_proj(child<Linear>("v_proj", c.hidden_size, c.hidden_size)),
        out_proj(child<Linear>("out_proj", c.hidden_size, c.hidden_size)) {}

  at::Tensor forward(const at::Tensor& x) const {
    return out_proj->forward(layers::multi_head_attention(
        q_proj->forward(x), k_proj->forward(x), v_proj->forward(x), heads, /*causal=*/true));
  }

  std::int64_t heads;
  std::shared_ptr<Linear> q_proj, k_proj, v_proj, out_proj;
};

struct Mlp : Module {
  explicit Mlp(const ClipTextConfig& c)
      : activation(c.hidden_act),
        fc1(child<Linear>("fc1", c.hidden_size, c.intermediate_size)),
        fc2(child<Linear>("fc2", c.intermediate_size, c.hidden_size)) {}

  at::Tensor forward(const at::Tensor& x) const {
    const auto hidden = fc1->forward(x);
    return fc2->forward(activation == ClipActivation::gelu ? at::gelu(hidden)
                                                           : hidden * at::sigmoid(1.702 * hidden));
  }

  ClipActivation activation;
  std::shared_ptr<Linear> fc1, fc2;
};

// Containers that exist only for the checkpoint's names.
struct Embeddings : Module {
  explicit Embeddings(const ClipTextConfig& c)
      : token(child<Embedding>("token_embedding", c.vocab_size, c.hidden_size)),
        position(child<Embedding>("position_embedding", c.max_position_embeddings, c.hidden_size)) {
  }
  std::shared_ptr<Embedding> token, position;
};

struct Encoder : Module {
  Encoder() : layers(child<ModuleList<ClipEncoderLayer>>("layers")) {}
  std::shared_ptr<ModuleList<ClipEncoderLayer>> layers;
};

struct TextTransformer : Module {
  explicit TextTransformer(const ClipTextConfig& c)
      : embeddings(child<Embeddings>("embeddings", c)),
        encoder(child<Encoder>("encoder")),
        final_layer_norm(child<LayerNorm>("final_layer_norm", c.hidden_size, c.layer_norm_eps)) {}
  std::shared_ptr<Embeddings> embeddings;
  std::shared_ptr<Encoder> encoder;
  std::shared_ptr<LayerNorm> final_layer_norm;
};

// [B, T] → [B]
at::Tensor text_ends(const at::Tensor& ids, std::int64_t eos_token_id) {
  constexpr std::int64_t kOldConfigs = 2;
  if (eos_token_id == kOldConfigs) return ids.argmax(1);
  return ids.eq(eos_token_id).to(at::kInt).argmax(1);
}

}  // namespace

class ClipEncoderLayer : public Module {
 public:
  explicit ClipEncoderLayer(const ClipTextConfig& c)
      : self_attn_(child<SelfAttention>("self_attn", c)),
        layer_norm1_(child<LayerNorm>("layer_norm1", c.hidden_size, c.layer_norm_eps)),
        mlp_(child<Mlp>("mlp", c)),
        layer_norm2_(child<LayerNorm>("layer_norm2", c.hidden_size, c.layer_norm_eps)) {}

  at::Tensor forward(const at::Tensor& x) const {
    const auto hidden = x + self_attn_->forward(layer_norm1_->forward(x));
    return hidden + mlp_->forward(layer_norm2_->forward(hidden));
  }

 private:
  std::shared_ptr<SelfAttention> self_attn_;
  std::shared_ptr<LayerNorm> layer_norm1_;
  std::shared_ptr<Mlp> mlp_;
  std::shared_ptr<LayerNorm> layer_norm2_;
};

ClipTextModel::ClipTextModel(const ClipTextConfig& config) : config_(config) {
  const auto text_model = child<TextTransformer>("text_model", config);
  token_embedding_ = text_model->embeddings->token;
  position_embedding_ = text_model->embeddings->position;
  layers_ = text_model->encoder->layers;
  final_layer_norm_ = text_model->final_layer_norm;
  for (std::int64_t i = 0; i < config.num_hidden_layers; ++i) layers_->add(config);
}

ClipTextModel::~ClipTextModel() = default;

at::Tensor ClipTextModel::token_vectors(const at::Tensor& ids, const at::Tensor& learned) const {
  if (!learned.defined()) return token_embedding_->forward(ids);
  const auto known = token_embedding_->forward(ids.clamp_max(config_.vocab_size - 1));
  const auto beyond = ids - config_.vocab_size;
  const auto taught = at::embedding(learned.to(known.options()), beyond.clamp_min(0));
  return at::where(beyond.ge(0).unsqueeze(-1), taught, known);
}

ClipTextOutput ClipTextModel::forward(const at::Tensor& ids, int clip_skip,
                                      const at::Tensor& learned) const {
  const auto positions = at::arange(ids.size(1), ids.options());
  at::Tensor hidden = token_vectors(ids, learned) + position_embedding_->forward(positions);
  const auto used = layers_->size() - static_cast<std::size_t>(clip_skip);
  at::Tensor returned;
  for (std::size_t i = 0; i < layers_->size(); ++i) {
    if (i == used) returned = final_layer_norm_->forward(hidden);
    hidden = (*layers_)[i].forward(hidden);
  }
  hidden = final_layer_norm_->forward(hidden);
  const auto rows = at::arange(ids.size(0), ids.options());
  return {returned.defined() ? returned : hidden,
          hidden.index({rows, text_ends(ids, config_.eos_token_id)})};
}

}  // namespace velatura::models
