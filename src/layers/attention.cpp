#include "layers/attention.h"

#include <ATen/ATen.h>

#include <vector>

#include "core/interruption.h"

namespace velatura::layers {
namespace {

// One tensor for all three, of which theirs become parts: it is there once.
at::Tensor joined(std::vector<at::Tensor> parts) {
  if (!parts.front().defined()) return {};
  at::Tensor whole = at::cat(parts);
  const auto views = whole.chunk(static_cast<std::int64_t>(parts.size()));
  for (std::size_t i = 0; i < parts.size(); ++i) parts[i].set_data(views[i]);
  return whole;
}

}  // namespace

at::Tensor multi_head_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                std::int64_t heads, const ops::AttentionMask& mask,
                                ops::WeightForm weights) {
  end_if_cancelled();
  return ops::attention(q, k, v, heads, mask, weights);
}

Attention::Attention(const Options& options)
    : heads_(options.heads),
      of_one_width_(options.context_dim == options.dim),
      to_q_(child<Linear>("to_q", options.dim, options.dim, options.qkv_bias)),
      to_k_(child<Linear>("to_k", options.context_dim, options.dim, options.qkv_bias)),
      to_v_(child<Linear>("to_v", options.context_dim, options.dim, options.qkv_bias)),
      to_out_(child<ModuleList<Linear>>("to_out")) {
  to_out_->add(options.dim, options.dim);
}

at::Tensor Attention::attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                             std::span<const SideAttention> side) const {
  const auto look_at = [&](const at::Tensor& keys, const at::Tensor& values) {
    return multi_head_attention(q, keys, values, heads_, {}, to_q_->form());
  };
  auto out = look_at(k, v);
  for (const auto& [key, value, scale] : side) out = out + scale * look_at(key, value);
  return (*to_out_)[0].forward(out);
}

bool Attention::is_packed() const {
  if (!packed_weight_.defined()) return false;
  for (const Linear* linear : {to_q_.get(), to_k_.get(), to_v_.get()}) {
    if (!linear->weight().is_alias_of(packed_weight_)) return false;
    if (linear->bias().defined() && !linear->bias().is_alias_of(packed_bias_)) return false;
  }
  return true;
}

void Attention::pack() const {
  packed_weight_ = joined({to_q_->weight(), to_k_->weight(), to_v_->weight()});
  packed_bias_ = joined({to_q_->bias(), to_k_->bias(), to_v_->bias()});
}

// Fewer and larger products are better on a GPU.
void Attention::pack_weights() {
  if (of_one_width_ && to_q_->weight().is_cuda() && !is_packed()) pack();
}

void Attention::forget_old_weights() {
  if (!is_packed()) packed_weight_.reset();
}

at::Tensor Attention::forward(const at::Tensor& x, const at::Tensor& context,
                              std::span<const SideAttention> side) const {
  if (x.is_cuda() && !context.defined()) {
    if (!is_packed()) pack();
    const auto parts = at::linear(x, packed_weight_, packed_bias_).chunk(3, -1);
    return attend(parts[0], parts[1], parts[2], side);
  }
  const auto [k, v] = project(context.defined() ? context : x);
  return forward_projected(x, k, v, side);
}

std::pair<at::Tensor, at::Tensor> Attention::project(const at::Tensor& context) const {
  return {to_k_->forward(context), to_v_->forward(context)};
}

at::Tensor Attention::forward_projected(const at::Tensor& x, const at::Tensor& key,
                                        const at::Tensor& value,
                                        std::span<const SideAttention> side) const {
  return attend(to_q_->forward(x), key, value, side);
}

}  // namespace velatura::layers
