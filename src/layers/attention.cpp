#include "layers/attention.h"

#include "core/interruption.h"
#include "ops/attention/attention.h"

namespace velatura::layers {

at::Tensor multi_head_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                std::int64_t heads, bool causal) {
  end_if_cancelled();
  return ops::attention(q, k, v, heads, {.causal = causal});
}

Attention::Attention(const Options& options)
    : heads_(options.heads),
      to_q_(child<Linear>("to_q", options.dim, options.dim, options.qkv_bias)),
      to_k_(child<Linear>("to_k", options.context_dim, options.dim, options.qkv_bias)),
      to_v_(child<Linear>("to_v", options.context_dim, options.dim, options.qkv_bias)),
      to_out_(child<ModuleList<Linear>>("to_out")) {
  to_out_->add(options.dim, options.dim);
}

at::Tensor Attention::forward(const at::Tensor& x, const at::Tensor& context,
                              std::span<const SideAttention> side) const {
  const at::Tensor& source = context.defined() ? context : x;
  const auto q = to_q_->forward(x);
  auto out = multi_head_attention(q, to_k_->forward(source), to_v_->forward(source), heads_);
  for (const auto& [key, value, scale] : side) {
    out = out + scale * multi_head_attention(q, key, value, heads_);
  }
  return (*to_out_)[0].forward(out);
}

}  // namespace velatura::layers
