#include <cmath>

#include "samplers/sigma_sampler.h"
#include "samplers/sigma_schedules.h"

namespace velatura::samplers {
namespace {

SigmaSteps whole_scheduled_timesteps(const SamplerSetting& setting) {
  SigmaSteps steps = sigma_steps(setting.config, setting.schedule, setting.steps);
  if (has_whole_timesteps(setting.config.schedule)) {
    for (double& timestep : steps.timesteps) timestep = std::nearbyint(timestep);
  }
  return steps;
}

// DPM-Solver-2 (Lu et al. 2022, algorithm 1) in Karras et al.'s variables: Euler to the middle of
// the step in log sigma, then a whole step with the slope found there.
template <class NextStep>
Plan midpoint_steps(const SamplerSetting& setting, NextStep next_step) {
  const SigmaSampler sampler(setting, whole_scheduled_timesteps(setting));
  PlanBuilder plan;
  for (std::size_t i = sampler.start; i < sampler.count(); ++i) {
    const double sigma = sampler.sigma(i), next = sampler.sigma(i + 1);
    const AncestralStep to = next_step(sigma, next);
    const double middle = std::sqrt(sigma * to.down);  // 0 where the step ends at 0: Euler
    const Sum x = plan.latents();
    const Sum x0 = sampler.denoise(plan, sigma, sampler.timestep(i));
    plan.step(x + (middle - sigma) * plan.keep((x - x0) / sigma));
    if (i + 1 == sampler.count()) break;

    const Sum x_middle = plan.latents();
    const Sum x0_middle = sampler.denoise(plan, middle, sigma_to_timestep(middle, sampler.schedule),
                                          /*level_sigma=*/next);
    const Sum slope = plan.keep((x_middle - x0_middle) / middle);
    Sum x_next = x + (to.down - sigma) * slope;
    if (to.up > 0) x_next += to.up * plan.noise();
    plan.step(x_next);
  }
  return sampler.finish(std::move(plan));
}

}  // namespace

Plan dpm2(const SamplerSetting& setting) {
  return midpoint_steps(setting, [](double, double next) { return AncestralStep{next, 0.0}; });
}

Plan dpm2_a(const SamplerSetting& setting) {
  return midpoint_steps(setting, ancestral_step<float>);
}

}  // namespace velatura::samplers
