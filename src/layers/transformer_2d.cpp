#include "layers/transformer_2d.h"

#include <ATen/ATen.h>

#include <tuple>
#include <utility>

namespace velatura::layers {

BasicTransformerBlock::BasicTransformerBlock(const Options& o)
    : only_cross_attention_(o.only_cross_attention),
      norm1_(child<LayerNorm>("norm1", o.dim)),
      norm2_(child<LayerNorm>("norm2", o.dim)),
      norm3_(child<LayerNorm>("norm3", o.dim)),
      attn1_(child<Attention>(
          "attn1", Attention::Options{o.dim, o.only_cross_attention ? o.cross_attention_dim : o.dim,
                                      o.heads})),
      attn2_(child<Attention>("attn2", Attention::Options{o.dim, o.cross_attention_dim, o.heads})),
      ff_(child<FeedForward>("ff", o.dim)) {
  if (o.gated) {
    fuser_ = child<GatedSelfAttention>("fuser", o.dim, o.cross_attention_dim, o.heads);
  }
}

std::pair<at::Tensor, at::Tensor> BasicTransformerBlock::project_text(
    const at::Tensor& text) const {
  const Visit visit(*this);
  return attn2_->project(text);
}

at::Tensor BasicTransformerBlock::look_at_text(const at::Tensor& x,
                                               const AttentionContext& context) const {
  const auto side = context.pictures_at(place_);
  if (context.projected == nullptr) return attn2_->forward(x, context.text, side);
  return attn2_->forward_projected(x, context.projected->keys.at(place_),
                                   context.projected->values.at(place_), side);
}

// The same in as few kernels as there can be: a sum is made where it is normalised.
TokenSum BasicTransformerBlock::forward_in_few(const TokenSum& x,
                                               const AttentionContext& context) const {
  auto [hidden, normed] = x.more.defined() ? norm1_->forward_sum(x.more, x.tokens)
                                           : std::tuple(x.tokens, norm1_->forward(x.tokens));
  const auto itself = attn1_->forward(normed, only_cross_attention_ ? context.text : at::Tensor());
  std::tie(hidden, normed) = norm2_->forward_sum(itself, hidden);
  const auto text = look_at_text(normed, context);
  std::tie(hidden, normed) = norm3_->forward_sum(text, hidden);
  return {hidden, ff_->forward(normed)};
}

TokenSum BasicTransformerBlock::forward(TokenSum sum, const AttentionContext& context) const {
  const Visit visit(*this);
  const bool fused = fuser_ && context.objects.defined();
  if (sum.tokens.is_cuda() && !fused) return forward_in_few(sum, context);
  const at::Tensor x = sum.whole();
  at::Tensor hidden =
      x + attn1_->forward(norm1_->forward(x), only_cross_attention_ ? context.text : at::Tensor());
  if (fused) hidden = fuser_->forward(hidden, context.objects);
  hidden.add_(look_at_text(norm2_->forward(hidden), context));
  return {hidden.add_(ff_->forward(norm3_->forward(hidden)))};
}

Transformer2DModel::Transformer2DModel(const Options& o)
    : norm_(child<GroupNorm>("norm", o.groups, o.channels, 1e-6)) {
  if (o.use_linear_projection) {
    linear_in_ = child<Linear>("proj_in", o.channels, o.channels);
    linear_out_ = child<Linear>("proj_out", o.channels, o.channels);
  } else {
    conv_in_ = child<Conv2d>("proj_in", o.channels, o.channels, 1);
    conv_out_ = child<Conv2d>("proj_out", o.channels, o.channels, 1);
  }
  blocks_ = child<ModuleList<BasicTransformerBlock>>("transformer_blocks");
  for (std::int64_t i = 0; i < o.layers; ++i) {
    blocks_->add(BasicTransformerBlock::Options{o.channels, o.heads, o.cross_attention_dim,
                                                o.only_cross_attention, o.gated});
  }
}

at::Tensor Transformer2DModel::forward(const at::Tensor& x, const AttentionContext& context) const {
  const auto height = x.size(2), width = x.size(3);
  const auto normed = norm_->forward(x);
  TokenSum sum{linear_in_ ? linear_in_->forward(to_tokens(normed))
                          : to_tokens(conv_in_->forward(normed))};
  for (const auto& block : *blocks_) sum = block->forward(std::move(sum), context);
  const at::Tensor tokens = sum.whole();
  return x + (linear_out_ ? to_map(linear_out_->forward(tokens), height, width)
                          : conv_out_->forward(to_map(tokens, height, width)));
}

}  // namespace velatura::layers
