#pragma once

#include "pipelines/batch_noise.h"
#include "pipelines/denoisers/denoiser.h"
#include "pipelines/prepared.h"
#include "samplers/plan.h"
#include "velatura/progress.h"

namespace velatura::pipelines {

/// Carries a sampler's plan out on a batch of latents: the one loop every task goes through.
/// @param progress  what to report: first_image and images are taken from it
/// @return          [B, C, h, w] float32
/// @throws Interrupted when the observer says so; Error if the result is not finite
at::Tensor denoise(const samplers::Plan& plan, const Batch& batch, const Denoiser& denoiser,
                   BatchNoise& noise, Progress progress, Observer& observer);

}  // namespace velatura::pipelines
