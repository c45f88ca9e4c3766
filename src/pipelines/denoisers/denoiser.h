#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <span>
#include <utility>

#include "image/overlay.h"
#include "pipelines/backbone.h"
#include "pipelines/residuals.h"

namespace velatura::pipelines {

/// What is to be denoised, and where in the run and in the picture it stands.
struct DenoiseCall {
  at::Tensor latents;        ///< [B, C, h, w] float32
  double timestep;           ///< training time; need not be whole
  std::size_t step;          ///< which of the run's model calls, from 0
  std::size_t steps;         ///< model calls in the run
  Region region;             ///< the place of these latents in the picture's, in latents
  Residuals residuals = {};  ///< what networks beside the backbone add
  std::span<const double> timesteps = {};  ///< of all the run's model calls; empty: not known
  TilePart tile = {};
};

/// Predicts what the model was trained to predict from noisy latents; decorators wrap it.
class Denoiser {
 public:
  virtual ~Denoiser() = default;
  /// @return [B, C', h, w] float32
  virtual at::Tensor predict(const DenoiseCall& call) const = 0;
};

/// The same call with other latents.
inline DenoiseCall with_latents(DenoiseCall call, at::Tensor latents) {
  call.latents = std::move(latents);
  return call;
}

}  // namespace velatura::pipelines
