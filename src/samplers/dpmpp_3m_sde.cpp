#include <cmath>

#include "samplers/sigma_sampler.h"

namespace velatura::samplers {

// DPM-Solver++(3M) SDE, as k-diffusion has it.
Plan dpmpp_3m_sde(const SamplerSetting& setting) {
  const SigmaSampler sampler(setting);
  PlanBuilder plan;
  Sum x0_1, x0_2;               // of the steps before
  double h_1 = 0.0, h_2 = 0.0;  // their lengths in log sigma; 0: there was none
  for (std::size_t i = sampler.start; i < sampler.count(); ++i) {
    const double sigma = sampler.sigma(i), next = sampler.sigma(i + 1);
    const Sum x = plan.latents();
    const Sum x0 = plan.keep(sampler.denoise(plan, sigma, sampler.timestep(i)));
    if (next == 0.0) {
      plan.step(x0);
      break;
    }
    const double h = std::log(sigma / next), h_eta = 2 * h;
    const double phi_2 = std::expm1(-h_eta) / h_eta + 1, phi_3 = phi_2 / h_eta - 0.5;
    Sum x_next = std::exp(-h_eta) * x - std::expm1(-h_eta) * x0;
    if (h_2 > 0) {
      const double r0 = h_1 / h, r1 = h_2 / h;
      const Sum d1_0 = (x0 - x0_1) / r0, d1_1 = (x0_1 - x0_2) / r1;
      const Sum d1 = d1_0 + r0 / (r0 + r1) * (d1_0 - d1_1);
      const Sum d2 = (d1_0 - d1_1) / (r0 + r1);
      x_next += phi_2 * d1 - phi_3 * d2;
    } else if (h_1 > 0) {
      x_next += phi_2 * h / h_1 * (x0 - x0_1);
    }
    plan.step(x_next + next * std::sqrt(-std::expm1(-2 * h)) * plan.noise());
    x0_2 = x0_1, x0_1 = x0;
    h_2 = h_1, h_1 = h;
  }
  return sampler.finish(std::move(plan));
}

}  // namespace velatura::samplers
