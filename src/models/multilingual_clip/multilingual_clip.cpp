#include "models/multilingual_clip/multilingual_clip.h"

#include <ATen/ATen.h>

#include <tuple>

#include "layers/attention.h"

namespace velatura::models {

using layers::Embedding;
using layers::LayerNorm;
using layers::Linear;
using layers::Module;
using layers::ModuleList;

namespace {

// Containers that exist only for the checkpoint's names.
struct XlmProjections : Module {
  explicit XlmProjections(std::int64_t dim)
      : query(child<Linear>("query", dim, dim)),
        key(child<Linear>("key", dim, dim)),
        value(child<Linear>("value", dim, dim)) {}
  std::shared_ptr<Linear> query, key, value;
};

// A layer, and the norm of its sum with what went into the part that it ends.
struct XlmOutput : Module {
  XlmOutput(std::int64_t in, const MultilingualClipConfig& c)
      : dense(child<Linear>("dense", in, c.hidden_size)),
        norm(child<LayerNorm>("LayerNorm", c.hidden_size, c.layer_norm_eps)) {}
  at::Tensor forward(const at::Tensor& x, const at::Tensor& residual) const {
    return std::get<1>(norm->forward_sum(dense->forward(x), residual));
  }
  std::shared_ptr<Linear> dense;
  std::shared_ptr<LayerNorm> norm;
};

struct XlmSelfAttention : Module {
  explicit XlmSelfAttention(const MultilingualClipConfig& c)
      : projections(child<XlmProjections>("self", c.hidden_size)),
        output(child<XlmOutput>("output", c.hidden_size, c)) {}
  std::shared_ptr<XlmProjections> projections;
  std::shared_ptr<XlmOutput> output;
};

struct XlmIntermediate : Module {
  explicit XlmIntermediate(const MultilingualClipConfig& c)
      : dense(child<Linear>("dense", c.hidden_size, c.intermediate_size)) {}
  std::shared_ptr<Linear> dense;
};

struct XlmEmbeddings : Module {
  explicit XlmEmbeddings(const MultilingualClipConfig& c)
      : words(child<Embedding>("word_embeddings", c.vocab_size, c.hidden_size)),
        positions(
            child<Embedding>("position_embeddings", c.max_position_embeddings, c.hidden_size)),
        types(child<Embedding>("token_type_embeddings", c.type_vocab_size, c.hidden_size)),
        norm(child<LayerNorm>("LayerNorm", c.hidden_size, c.layer_norm_eps)) {}
  std::shared_ptr<Embedding> words, positions, types;
  std::shared_ptr<LayerNorm> norm;
};

}  // namespace

/// A layer with norms behind each part (Vaswani et al. 2017).
class XlmRobertaLayer : public Module {
 public:
  explicit XlmRobertaLayer(const MultilingualClipConfig& c)
      : heads_(c.num_attention_heads),
        attention_(child<XlmSelfAttention>("attention", c)),
        intermediate_(child<XlmIntermediate>("intermediate", c)),
        output_(child<XlmOutput>("output", c.intermediate_size, c)) {}

  bool comes_alone() const override { return true; }
  at::Tensor forward(const at::Tensor& x, const ops::AttentionMask& mask) const {
    const layers::Visit visit(*this);
    const auto& [query, key, value] =
        std::tie(attention_->projections->query, attention_->projections->key,
                 attention_->projections->value);
    const auto seen = layers::multi_head_attention(query->forward(x), key->forward(x),
                                                   value->forward(x), heads_, mask);
    const auto hidden = attention_->output->forward(seen, x);
    return output_->forward(at::gelu(intermediate_->dense->forward(hidden)), hidden);
  }

 private:
  std::int64_t heads_;
  std::shared_ptr<XlmSelfAttention> attention_;
  std::shared_ptr<XlmIntermediate> intermediate_;
  std::shared_ptr<XlmOutput> output_;
};

namespace {

struct XlmEncoder : Module {
  explicit XlmEncoder(const MultilingualClipConfig& c)
      : layer(child<ModuleList<XlmRobertaLayer>>("layer")) {
    for (std::int64_t i = 0; i < c.num_hidden_layers; ++i) layer->add(c);
  }
  std::shared_ptr<ModuleList<XlmRobertaLayer>> layer;
};

struct XlmPooler : Module {
  explicit XlmPooler(const MultilingualClipConfig& c) {
    child<Linear>("dense", c.hidden_size, c.hidden_size);
  }
};

struct XlmRoberta : Module {
  explicit XlmRoberta(const MultilingualClipConfig& c)
      : embeddings(child<XlmEmbeddings>("embeddings", c)),
        encoder(child<XlmEncoder>("encoder", c)) {
    child<XlmPooler>("pooler", c);
  }
  std::shared_ptr<XlmEmbeddings> embeddings;
  std::shared_ptr<XlmEncoder> encoder;
};

}  // namespace

MultilingualClip::MultilingualClip(const MultilingualClipConfig& c) : config_(c) {
  const auto transformer = child<XlmRoberta>("transformer", c);
  word_embeddings_ = transformer->embeddings->words;
  position_embeddings_ = transformer->embeddings->positions;
  token_type_embeddings_ = transformer->embeddings->types;
  embeddings_norm_ = transformer->embeddings->norm;
  layers_ = transformer->encoder->layer;
  linear_transformation_ = child<Linear>("LinearTransformation", c.hidden_size, c.num_dims);
}

MultilingualClip::~MultilingualClip() = default;

MultilingualClipOutput MultilingualClip::forward(const at::Tensor& ids,
                                                 const at::Tensor& mask) const {
  const layers::Visit visit(*this);
  // As transformers counts positions, by the ids: a text may say "<pad>".
  const at::Tensor there = ids.ne(config_.pad_token_id);  // [B, T]
  const at::Tensor positions = there.cumsum(1) * there + config_.pad_token_id;
  const at::Tensor type = token_type_embeddings_->forward(at::zeros({1, 1}, ids.options()));
  at::Tensor hidden =
      word_embeddings_->forward(ids) + type + position_embeddings_->forward(positions);
  hidden = embeddings_norm_->forward(hidden);
  for (const auto& layer : *layers_)
    hidden = layer->forward(hidden, {.causal = false, .keys = mask});
  const at::Tensor weights = mask.to(hidden.scalar_type()).unsqueeze(-1);
  const at::Tensor mean = (hidden * weights).sum(1) / weights.sum(1);
  return {hidden, linear_transformation_->forward(mean)};
}

}  // namespace velatura::models
