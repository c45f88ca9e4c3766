#include <cmath>

#include "samplers/sigma_sampler.h"

namespace velatura::samplers {

// DPM-Solver++ (stochastic), as k-diffusion has it: both halves of a step add noise.
Plan dpmpp_sde(const SamplerSetting& setting) {
  const SigmaSampler sampler(setting);
  PlanBuilder plan;
  for (std::size_t i = sampler.start; i < sampler.count(); ++i) {
    const double sigma = sampler.sigma(i), next = sampler.sigma(i + 1);
    const Sum x = plan.latents();
    const Sum x0 = sampler.denoise(plan, sigma, sampler.timestep(i));
    if (next == 0.0) {
      plan.step(x0);
      continue;
    }
    const double middle = std::sqrt(sigma * next);
    const auto to_middle = ancestral_step<double>(sigma, middle);
    plan.step(towards(x0, x, sigma, to_middle.down) + to_middle.up * plan.noise());
    const Sum x0_middle =
        sampler.denoise(plan, middle, sigma_to_timestep(middle, sampler.schedule));
    const auto to_next = ancestral_step<double>(sigma, next);
    plan.step(towards(x0_middle, x, sigma, to_next.down) + to_next.up * plan.noise());
  }
  return sampler.finish(std::move(plan));
}

}  // namespace velatura::samplers
