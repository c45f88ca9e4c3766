#pragma once

#include <string>

#include "pipelines/batch_noise.h"
#include "pipelines/denoisers/denoiser.h"
#include "pipelines/prepared.h"
#include "samplers/plan.h"
#include "velatura/error.h"
#include "velatura/progress.h"

namespace velatura::pipelines {

/// Latents are not finite.
struct NotFinite : InputError {
  explicit NotFinite(const std::string& when)
      : InputError("the latents are not finite " + when), when(when) {}
  std::string when;  ///< "at step 3 of 20", counted in model calls
};

/// Carries a sampler's plan out on a batch of latents: the one loop every task goes through.
/// @param progress  what to report: first_image and images are taken from it, and as many steps are
///                  added to those done and in all as this takes; of a GPU a step is reported once
///                  it is done there
/// @return          [B, C, h, w] float32
/// @throws Interrupted when the observer says so; NotFinite, on the CPU as soon as that is so
at::Tensor denoise(const samplers::Plan& plan, const Batch& batch, const Denoiser& denoiser,
                   BatchNoise& noise, Progress progress, Observer& observer);

}  // namespace velatura::pipelines
