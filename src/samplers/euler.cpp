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
    plan.step(x + (sampler.sigma(i + 1) - sigma) / sigma * (x - x0));
  }
  return sampler.finish(std::move(plan));
}

// The same with ancestral noise: down further, then noise up again.
Plan euler_a(const SamplerSetting& setting) {
  const SigmaSampler sampler(setting);
  PlanBuilder plan;
  for (std::size_t i = sampler.start; i < sampler.count(); ++i) {
    const double sigma = sampler.sigma(i);
    const auto [down, up] = ancestral_step(sigma, sampler.sigma(i + 1));
    const Sum x = plan.latents();
    const Sum x0 = sampler.denoise(plan, sigma, sampler.timestep(i));
    plan.step(x + (down - sigma) / sigma * (x - x0) + up * plan.noise());
  }
  return sampler.finish(std::move(plan));
}

}  // namespace velatura::samplers
