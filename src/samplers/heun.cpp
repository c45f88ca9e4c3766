#include "samplers/sigma_sampler.h"

namespace velatura::samplers {

// Karras et al. 2022, algorithm 1: Euler, then again with the mean of both slopes. The last step,
// to sigma 0, stays Euler.
Plan heun(const SamplerSetting& setting) {
  const SigmaSampler sampler(setting);
  PlanBuilder plan;
  for (std::size_t i = sampler.start; i < sampler.count(); ++i) {
    const double sigma = sampler.sigma(i), next = sampler.sigma(i + 1);
    const Sum x = plan.latents();
    const Sum x0 = sampler.denoise(plan, sigma, sampler.timestep(i));
    const Sum slope = plan.keep((x - x0) / sigma);
    plan.step(x + (next - sigma) * slope);
    if (i + 1 == sampler.count()) break;

    const Sum ahead = plan.latents();
    const Sum ahead_x0 = sampler.denoise(plan, next, sampler.timestep(i + 1));
    const Sum ahead_slope = plan.keep((ahead - ahead_x0) / next);
    plan.step(x + (next - sigma) * plan.keep((slope + ahead_slope) / 2));
  }
  return sampler.finish(std::move(plan));
}

}  // namespace velatura::samplers
