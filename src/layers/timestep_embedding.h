#pragma once

#include "layers/linear.h"
#include "layers/module.h"

namespace velatura::layers {

/// Sines and cosines of the timestep at geometrically spaced frequencies (Ho et al. 2020, after
/// Vaswani et al. 2017, §3.5), max period 10000.
/// @param timesteps         [B], float32; need not be whole
/// @param dim               width, even
/// @param flip_sin_to_cos   cosines first
/// @param downscale_freq_shift  subtracted from dim/2 in the exponent's denominator
/// @return                  [B, dim], float32
at::Tensor sinusoidal_embedding(const at::Tensor& timesteps, std::int64_t dim, bool flip_sin_to_cos,
                                double downscale_freq_shift);

/// Two linear layers with SiLU between: [B, in] → [B, dim].
class TimestepEmbedding : public Module {
 public:
  TimestepEmbedding(std::int64_t in, std::int64_t dim);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  std::shared_ptr<Linear> linear_1_, linear_2_;
};

}  // namespace velatura::layers
