#pragma once

#include <span>
#include <utility>

#include "layers/attention_context.h"
#include "layers/linear.h"
#include "layers/module.h"
#include "ops/attention/attention.h"

namespace velatura::layers {

/// softmax(q kᵀ / √d) v over heads (Vaswani et al. 2017).
/// @param q       [B, N, heads * d]
/// @param k, v    [B, T, heads * d]
/// @param mask    which keys a query looks at
/// @param weights see ops::attention()
/// @return        [B, N, heads * d]
at::Tensor multi_head_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                std::int64_t heads, const ops::AttentionMask& mask = {},
                                ops::WeightForm weights = ops::WeightForm::plain);

/// Cross-attention of image tokens over text tokens (Rombach et al. 2022, §3.3), or self-attention.
/// Children as in diffusers' Attention: to_q, to_k, to_v, to_out.0.
class Attention : public Module {
 public:
  struct Options {
    std::int64_t dim;          ///< width of the image tokens
    std::int64_t context_dim;  ///< width of what is attended to (= dim for self-attention)
    std::int64_t heads;
    bool qkv_bias = false;
  };
  explicit Attention(const Options& options);

  /// @param x        [B, N, dim]
  /// @param context  [B, T, context_dim]; undefined means self-attention
  /// @param side     further keys and values that the same queries look at
  /// @return         [B, N, dim]
  at::Tensor forward(const at::Tensor& x, const at::Tensor& context = {},
                     std::span<const SideAttention> side = {}) const;

  /// The same with the context's keys and values. @param key, value  [B, T, dim]
  at::Tensor forward_projected(const at::Tensor& x, const at::Tensor& key, const at::Tensor& value,
                               std::span<const SideAttention> side = {}) const;

  /// What a context's keys and values are. @return [B, T, dim] each
  std::pair<at::Tensor, at::Tensor> project(const at::Tensor& context) const;

  void pack_weights() override;
  void forget_old_weights() override;

 private:
  at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                    std::span<const SideAttention> side) const;
  bool is_packed() const;
  void pack() const;

  std::int64_t heads_;
  bool of_one_width_;  // what is attended to may be x itself
  std::shared_ptr<Linear> to_q_, to_k_, to_v_;
  std::shared_ptr<ModuleList<Linear>> to_out_;
  mutable at::Tensor packed_weight_;  // [3 * dim, dim], of which to_q, to_k and to_v are parts; or
                                      // undefined
  mutable at::Tensor packed_bias_;    // [3 * dim]; undefined without
};

}  // namespace velatura::layers
