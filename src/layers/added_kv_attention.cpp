#include "layers/added_kv_attention.h"

#include <ATen/ATen.h>

#include "layers/attention.h"

namespace velatura::layers {
namespace {

constexpr double kNormEps = 1e-5;

}  // namespace

AddedKvAttention::AddedKvAttention(const Options& o)
    : heads_(o.heads),
      group_norm_(child<GroupNorm>("group_norm", o.groups, o.channels, kNormEps)),
      to_q_(child<Linear>("to_q", o.channels, o.channels)),
      to_k_(child<Linear>("to_k", o.channels, o.channels)),
      to_v_(child<Linear>("to_v", o.channels, o.channels)),
      add_k_proj_(child<Linear>("add_k_proj", o.context_dim, o.channels)),
      add_v_proj_(child<Linear>("add_v_proj", o.context_dim, o.channels)),
      to_out_(child<ModuleList<Linear>>("to_out")) {
  to_out_->add(o.channels, o.channels);
}

at::Tensor AddedKvAttention::forward(const at::Tensor& x, const AttentionContext& context) const {
  const at::Tensor tokens = to_tokens(group_norm_->forward(x));
  const at::Tensor keys = at::cat({add_k_proj_->forward(context.text), to_k_->forward(tokens)}, 1);
  const at::Tensor values =
      at::cat({add_v_proj_->forward(context.text), to_v_->forward(tokens)}, 1);
  const at::Tensor out = (*to_out_)[0].forward(
      multi_head_attention(to_q_->forward(tokens), keys, values, heads_, {}, to_q_->form()));
  return x + to_map(out, x.size(2), x.size(3));
}

}  // namespace velatura::layers
