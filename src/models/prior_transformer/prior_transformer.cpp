#include "models/prior_transformer/prior_transformer.h"

#include <ATen/ATen.h>

#include "layers/attention.h"
#include "layers/feed_forward.h"

namespace velatura::models {

using layers::LayerNorm;
using layers::Linear;
using layers::Module;
using layers::ModuleList;
using layers::TimestepEmbedding;

namespace {

// diffusers' Attention, with biases everywhere and a mask.
class PriorAttention : public Module {
 public:
  PriorAttention(std::int64_t dim, std::int64_t heads)
      : heads_(heads),
        to_q_(child<Linear>("to_q", dim, dim)),
        to_k_(child<Linear>("to_k", dim, dim)),
        to_v_(child<Linear>("to_v", dim, dim)),
        to_out_(child<ModuleList<Linear>>("to_out")) {
    to_out_->add(dim, dim);
  }

  at::Tensor forward(const at::Tensor& x, const ops::AttentionMask& mask) const {
    return (*to_out_)[0].forward(layers::multi_head_attention(to_q_->forward(x), to_k_->forward(x),
                                                              to_v_->forward(x), heads_, mask));
  }

 private:
  std::int64_t heads_;
  std::shared_ptr<Linear> to_q_, to_k_, to_v_;
  std::shared_ptr<ModuleList<Linear>> to_out_;
};

}  // namespace

class PriorBlock : public Module {
 public:
  explicit PriorBlock(const PriorConfig& c)
      : norm1_(child<LayerNorm>("norm1", c.width())),
        attn1_(child<PriorAttention>("attn1", c.width(), c.num_attention_heads)),
        norm3_(child<LayerNorm>("norm3", c.width())),
        ff_(child<layers::FeedForward>("ff", c.width(), layers::FeedForwardKind::gelu)) {}

  bool comes_alone() const override { return true; }
  at::Tensor forward(const at::Tensor& x, const ops::AttentionMask& mask) const {
    const layers::Visit visit(*this);
    const auto [hidden, normed] = norm3_->forward_sum(attn1_->forward(norm1_->forward(x), mask), x);
    return hidden + ff_->forward(normed);
  }

 private:
  std::shared_ptr<LayerNorm> norm1_;
  std::shared_ptr<PriorAttention> attn1_;
  std::shared_ptr<LayerNorm> norm3_;
  std::shared_ptr<layers::FeedForward> ff_;
};

PriorTransformer::PriorTransformer(const PriorConfig& c)
    : config_(c),
      time_embedding_(child<TimestepEmbedding>("time_embedding", c.width(), c.width())),
      proj_in_(child<Linear>("proj_in", c.embedding_dim, c.width())),
      embedding_proj_(child<Linear>("embedding_proj", c.embedding_dim, c.width())),
      encoder_hidden_states_proj_(
          child<Linear>("encoder_hidden_states_proj", c.embedding_dim, c.width())),
      positional_embedding_(declare("positional_embedding",
                                    {1, c.num_embeddings + c.additional_embeddings, c.width()})),
      prd_embedding_(declare("prd_embedding", {1, 1, c.width()})),
      transformer_blocks_(child<ModuleList<PriorBlock>>("transformer_blocks")),
      norm_out_(child<LayerNorm>("norm_out", c.width())),
      proj_to_clip_embeddings_(
          child<Linear>("proj_to_clip_embeddings", c.width(), c.embedding_dim)),
      clip_mean_(declare("clip_mean", {1, c.embedding_dim})),
      clip_std_(declare("clip_std", {1, c.embedding_dim})) {
  for (std::int64_t i = 0; i < c.num_layers; ++i) transformer_blocks_->add(c);
}

PriorTransformer::~PriorTransformer() = default;

at::Tensor PriorTransformer::forward(const at::Tensor& sample, const at::Tensor& timesteps,
                                     const Text& text) const {
  const layers::Visit visit(*this);
  const auto waves = layers::sinusoidal_embedding(timesteps, config_.width(),
                                                  /*flip_sin_to_cos=*/true, 0);
  const auto time = time_embedding_->forward(waves.to(sample.scalar_type()));
  at::Tensor x = at::cat(
      {encoder_hidden_states_proj_->forward(text.hidden),
       embedding_proj_->forward(text.pooled).unsqueeze(1), time.unsqueeze(1),
       proj_in_->forward(sample).unsqueeze(1), prd_embedding_.expand({sample.size(0), -1, -1})},
      1);
  x = x + positional_embedding_;
  const ops::AttentionMask mask{
      .causal = true,
      .keys = at::constant_pad_nd(text.mask, {0, config_.additional_embeddings}, true)};
  for (const auto& block : *transformer_blocks_) x = block->forward(x, mask);
  return proj_to_clip_embeddings_->forward(norm_out_->forward(x.select(1, -1)));
}

at::Tensor PriorTransformer::denormalised(const at::Tensor& sample) const {
  const layers::Visit visit(*this);
  return sample * clip_std_.to(at::kFloat) + clip_mean_.to(at::kFloat);
}

}  // namespace velatura::models
