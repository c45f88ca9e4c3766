#pragma once

#include <string>

#include "pipelines/latent_model.h"
#include "samplers/make_plan.h"

namespace velatura::pipelines {

/// Where it does if a request does not say it.
inline constexpr double kRefinerStart = 0.8;

/// How a refiner goes on with pictures where the model's own part of the schedule ends.
struct Refining {
  samplers::SamplerChoice sampler;
  samplers::Plan plan;
  PromptConditioning conditioning = {};
};

/// Lets a refiner go on where the model stops. @param name  of the refiner, for messages
/// @throws UsageError for one that is none, or beside a model that cannot be refined; InputError for
///         one with other latents
void add_refiner(LatentModel& model, LatentModel refiner, const std::string& name);

/// Cuts a model's course off where diffusers' denoising_end does: what is left are its timesteps from
/// a cutoff on, which is that share of the training's timesteps below the highest.
/// @param share  above 0, below 1 @throws UsageError for another one, or one that leaves no step
samplers::Plan before_hand_over(samplers::Plan plan, const samplers::SamplerChoice& sampler,
                                double share);

/// The course below that cutoff, of as many steps in all, as diffusers' denoising_start makes it: no
/// noise is added, nothing is remembered, and a sampler that calls its model twice a step begins with
/// a whole one. @throws as before_hand_over()
samplers::Plan after_hand_over(const samplers::SamplerChoice& sampler, int steps, double share);

}  // namespace velatura::pipelines
