#pragma once

#include "layers/attention.h"
#include "layers/feed_forward.h"
#include "layers/norm.h"

namespace velatura::layers {

/// GLIGEN's gated self-attention (Li et al. 2023, eq. 8), diffusers' GatedSelfAttentionDense: pixels
/// look at themselves and at objects, then a feed-forward; each as much as its gate lets through.
class GatedSelfAttention : public Module {
 public:
  GatedSelfAttention(std::int64_t dim, std::int64_t object_dim, std::int64_t heads);
  /// @param x [B, N, dim]  @param objects [B, O, object_dim]  @return [B, N, dim]
  at::Tensor forward(const at::Tensor& x, const at::Tensor& objects) const;

 private:
  std::shared_ptr<Linear> linear_;
  std::shared_ptr<Attention> attn_;
  std::shared_ptr<FeedForward> ff_;
  std::shared_ptr<LayerNorm> norm1_, norm2_;
  at::Tensor alpha_attn_, alpha_dense_;  // []
};

}  // namespace velatura::layers
