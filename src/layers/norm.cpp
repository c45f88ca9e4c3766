#include "layers/norm.h"

namespace velatura::layers {

GroupNorm::GroupNorm(std::int64_t groups, std::int64_t channels, double eps)
    : groups_(groups),
      eps_(eps),
      weight_(declare("weight", {channels})),
      bias_(declare("bias", {channels})) {}

at::Tensor GroupNorm::forward(const at::Tensor& x) const {
  return at::group_norm(x, groups_, weight_, bias_, eps_);
}

at::Tensor GroupNorm::forward_silu(const at::Tensor& x) const {
  at::Tensor normed = at::group_norm(x, groups_, weight_, bias_, eps_);
  return at::silu_(normed);
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
