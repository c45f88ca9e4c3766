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
  /// @param condition  width of a condition that is projected and added to what goes in; 0: none
  TimestepEmbedding(std::int64_t in, std::int64_t dim, std::int64_t condition = 0);
  /// @param condition [B, condition]; undefined where there is none
  at::Tensor forward(const at::Tensor& x, const at::Tensor& condition = {}) const;

 private:
  std::shared_ptr<Linear> linear_1_, cond_proj_, linear_2_;  // cond_proj_ may be null
};

}  // namespace velatura::layers
