#include "layers/gated_self_attention.h"

#include <ATen/ATen.h>

namespace velatura::layers {

GatedSelfAttention::GatedSelfAttention(std::int64_t dim, std::int64_t object_dim,
                                       std::int64_t heads)
    : linear_(child<Linear>("linear", object_dim, dim)),
      attn_(child<Attention>("attn", Attention::Options{dim, dim, heads})),
      ff_(child<FeedForward>("ff", dim)),
      norm1_(child<LayerNorm>("norm1", dim)),
      norm2_(child<LayerNorm>("norm2", dim)),
      alpha_attn_(declare("alpha_attn", {})),
      alpha_dense_(declare("alpha_dense", {})) {}

at::Tensor GatedSelfAttention::forward(const at::Tensor& x, const at::Tensor& objects) const {
  const auto all = norm1_->forward(at::cat({x, linear_->forward(objects)}, 1));
  const auto pixels = all.narrow(1, 0, x.size(1));
  const auto seen = x + alpha_attn_.tanh() * attn_->forward(pixels, all);
  return seen + alpha_dense_.tanh() * ff_->forward(norm2_->forward(seen));
}

}  // namespace velatura::layers
