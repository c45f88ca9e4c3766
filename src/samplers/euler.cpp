#include "samplers/sigma_sampler.h"

namespace velatura::samplers {

// Karras et al. 2022, algorithm 2 without churn: Euler's method along dx/dsigma = (x - x0) / sigma.
Plan euler(const SamplerSetting& setting) {
  const SigmaSampler sampler(setting);
  PlanBuilder plan;
  for (std::size_t i = sampler.start; i < sampler.count(); ++i) {
    const double sigma = sampler.sigma(i);
    const Sum x = plan.latents();
    const Sum x0 = sampler.denoise(plan, sigma, sampler.timestep(i));
    const Sum slope = plan.keep((x - x0) / sigma);
    plan.step(x + (sampler.sigma(i + 1) - sigma) * slope);
  }
  return sampler.finish(std::move(plan));
}

// The same with ancestral noise: down further, then noise up again.
Plan euler_a(const SamplerSetting& setting) {
  const SigmaSampler sampler(setting);
  PlanBuilder plan;
  for (std::size_t i = sampler.start; i < sampler.count(); ++i) {
    const double sigma = sampler.sigma(i);
    const auto [down, up] = ancestral_step<float>(sigma, sampler.sigma(i + 1));
    const Sum x = plan.latents();
    const Sum x0 = sampler.denoise(plan, sigma, sampler.timestep(i));
    const Sum slope = plan.keep((x - x0) / sigma);
    plan.step(x + (down - sigma) * slope + up * plan.noise());
  }
  return sampler.finish(std::move(plan));
}

}  // namespace velatura::samplers
