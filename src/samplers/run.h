#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <functional>

#include "samplers/plan.h"

namespace velatura::samplers {

/// The denoiser: latents scaled for the model and a timestep to the model's prediction, of the same
/// shape; or with twice the channels, of which the second half is its spread, see Step::spread.
/// @param step  number in plan.steps
using Model =
    std::function<at::Tensor(const at::Tensor& latents, double timestep, std::size_t step)>;

/// Fresh standard normal noise of the latents' shape, on any device, in any floating dtype.
using Noise = std::function<at::Tensor()>;

/// Called after every step with its number in plan.steps. It may replace the latents, and may throw
/// to end the run.
using OnStep = std::function<void(std::size_t step, at::Tensor& latents)>;

/// Carries a plan out.
/// @param latents  [B, C, …], already at the plan's starting noise level
/// @return         [B, C, …], denoised
/// Latents keep their dtype and device from step to step; sums are taken in float32 (float64 for
/// float64 latents).
at::Tensor run(const Plan& plan, at::Tensor latents, const Model& model, const Noise& noise,
               const OnStep& on_step = {});

}  // namespace velatura::samplers
