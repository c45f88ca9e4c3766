#include <cmath>

#include "samplers/sigma_sampler.h"

namespace velatura::samplers {

// DPM-Solver++(2S) with ancestral noise, as k-diffusion has it.
Plan dpmpp_2s_a(const SamplerSetting& setting) {
  const SigmaSampler sampler(setting);
  PlanBuilder plan;
  for (std::size_t i = sampler.start; i < sampler.count(); ++i) {
    const double sigma = sampler.sigma(i), next = sampler.sigma(i + 1);
    const auto [down, up] = ancestral_step<double>(sigma, next);
    const Sum x = plan.latents();
    const Sum x0 = sampler.denoise(plan, sigma, sampler.timestep(i));
    if (next == 0.0) {
      plan.step(x0);
      continue;
    }
    const double middle = std::sqrt(sigma * down);
    plan.step(towards(x0, x, sigma, middle));
    const Sum x0_middle =
        sampler.denoise(plan, middle, sigma_to_timestep(middle, sampler.schedule));
    plan.step(towards(x0_middle, x, sigma, down) + up * plan.noise());
  }
  return sampler.finish(std::move(plan));
}

}  // namespace velatura::samplers
