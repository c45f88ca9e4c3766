#pragma once

#include <vector>

#include "core/noise_source.h"
#include "pipelines/denoiser.h"
#include "samplers/plan.h"
#include "velatura/progress.h"

namespace velatura::pipelines {

/// Standard normal noise for a batch, each picture's from its own stream.
/// @param shape  [C, h, w] of one picture
/// @return       [B, C, h, w] float32 on `device`
at::Tensor batch_noise(std::vector<NoiseSource>& sources, at::IntArrayRef shape, at::Device device);

/// Carries a sampler's plan out on a batch of latents: the one loop every task goes through.
/// @param latents   [B, C, h, w] float32, at the plan's starting noise level
/// @param progress  what to report: first_image and images are taken from it
/// @return          [B, C, h, w] float32
/// @throws Interrupted when the observer says so; Error if the result is not finite
at::Tensor denoise(const samplers::Plan& plan, const at::Tensor& latents, const Denoiser& denoiser,
                   std::vector<NoiseSource>& sources, Progress progress, Observer& observer);

}  // namespace velatura::pipelines
