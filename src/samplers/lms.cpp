#include <algorithm>
#include <cmath>
#include <deque>

#include "samplers/sigma_sampler.h"

namespace velatura::samplers {
namespace {

// The integral from sigmas[i] to sigmas[i + 1] of the Lagrange polynomial that is 1 at
// sigmas[i - j] and 0 at the other `order` latest. Two Gauss points are exact up to degree 3.
double lms_coefficient(const std::vector<double>& sigmas, std::size_t i, std::size_t order,
                       std::size_t j) {
  const double middle = (sigmas[i] + sigmas[i + 1]) / 2, half = (sigmas[i + 1] - sigmas[i]) / 2;
  double integral = 0.0;
  for (const double node : {-1 / std::sqrt(3.0), 1 / std::sqrt(3.0)}) {
    double product = half;
    for (std::size_t k = 0; k < order; ++k) {
      if (k == j) continue;
      product *= (middle + half * node - sigmas[i - k]) / (sigmas[i - j] - sigmas[i - k]);
    }
    integral += product;
  }
  return integral;
}

// For karras, diffusers' class leaves the config's sigma range aside.
SamplerSetting without_karras_range(SamplerSetting setting) {
  if (setting.config.schedule == Schedule::karras) {
    setting.config.sigma_min.reset();
    setting.config.sigma_max.reset();
  }
  return setting;
}

}  // namespace

// Linear multistep (Adams-Bashforth) of order 4 on sigma's uneven grid, as in k-diffusion.
Plan lms(const SamplerSetting& given) {
  constexpr std::size_t kOrder = 4;
  const SamplerSetting setting = without_karras_range(given);
  const SigmaSampler sampler(setting);
  PlanBuilder plan;
  std::deque<Sum> slopes;  // latest first
  for (std::size_t i = sampler.start; i < sampler.count(); ++i) {
    const double sigma = sampler.sigma(i);
    const Sum x = plan.latents();
    const Sum x0 = sampler.denoise(plan, sigma, sampler.timestep(i));
    slopes.push_front(plan.keep((x - x0) / sigma));
    if (slopes.size() > kOrder) slopes.pop_back();

    // A run that starts late (img2img) counts the steps left out, as diffusers does.
    const std::size_t order = std::min(i + 1, kOrder);
    Sum change;
    for (std::size_t j = 0; j < slopes.size(); ++j) {
      change += lms_coefficient(sampler.steps.sigmas, i, order, j) * slopes[j];
    }
    plan.step(x + change);
  }
  return sampler.finish(std::move(plan));
}

}  // namespace velatura::samplers
