#include "layers/timestep_embedding.h"

#include <cmath>

namespace velatura::layers {

at::Tensor sinusoidal_embedding(const at::Tensor& timesteps, std::int64_t dim, bool flip_sin_to_cos,
                                double downscale_freq_shift) {
  const std::int64_t half = dim / 2;
  const auto options = timesteps.options().dtype(at::kFloat);
  const auto frequencies = at::exp(at::arange(half, options) * -std::log(10000.0) /
                                   (static_cast<double>(half) - downscale_freq_shift));
  const auto angles = timesteps.to(at::kFloat).unsqueeze(1) * frequencies.unsqueeze(0);
  return flip_sin_to_cos ? at::cat({angles.cos(), angles.sin()}, 1)
                         : at::cat({angles.sin(), angles.cos()}, 1);
}

TimestepEmbedding::TimestepEmbedding(std::int64_t in, std::int64_t dim, std::int64_t condition)
    : linear_1_(child<Linear>("linear_1", in, dim)) {
  if (condition > 0) cond_proj_ = child<Linear>("cond_proj", condition, in, /*bias=*/false);
  linear_2_ = child<Linear>("linear_2", dim, dim);
}

at::Tensor TimestepEmbedding::forward(const at::Tensor& x, const at::Tensor& condition) const {
  TORCH_CHECK(condition.defined() == (cond_proj_ != nullptr),
              "a condition goes with its projection");
  const at::Tensor told = cond_proj_ ? x + cond_proj_->forward(condition) : x;
  return linear_2_->forward(at::silu(linear_1_->forward(told)));
}

}  // namespace velatura::layers
