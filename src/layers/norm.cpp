#include "layers/norm.h"

#include "ops/group_norm_silu.h"

namespace velatura::layers {

GroupNorm::GroupNorm(std::int64_t groups, std::int64_t channels, double eps)
    : groups_(groups),
      eps_(eps),
      weight_(declare("weight", {channels})),
      bias_(declare("bias", {channels})) {}

at::Tensor GroupNorm::forward(const at::Tensor& x) const {
  return ops::group_norm_silu(x, groups_, weight_, bias_, eps_, /*silu=*/false);
}

at::Tensor GroupNorm::forward_silu(const at::Tensor& x) const {
  return ops::group_norm_silu(x, groups_, weight_, bias_, eps_, /*silu=*/true);
}

LayerNorm::LayerNorm(std::int64_t channels, double eps)
    : channels_(channels),
      eps_(eps),
      weight_(declare("weight", {channels})),
      bias_(declare("bias", {channels})) {}

at::Tensor LayerNorm::forward(const at::Tensor& x) const {
  return at::layer_norm(x, {channels_}, weight_, bias_, eps_);
}

}  // namespace velatura::layers
