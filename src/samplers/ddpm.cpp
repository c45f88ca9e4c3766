#include <algorithm>
#include <cmath>

#include "samplers/estimate.h"
#include "samplers/sampler_setting.h"
#include "samplers/spacing.h"

namespace velatura::samplers {
namespace {

// Fresh noise as strong as the config says. @param variance  of the posterior, equation 7
Sum fresh_noise(PlanBuilder& plan, Variance type, double variance, double beta) {
  variance = std::max(variance, 1e-20);
  if (type == Variance::fixed_large) return std::sqrt(beta) * plan.noise();
  if (type != Variance::learned_range) return std::sqrt(variance) * plan.noise();
  // The model's spread lies between both, on a logarithmic scale: at -1 the posterior's, at 1 beta
  // (Nichol & Dhariwal 2021, equation 15).
  const double low = std::log(variance) / 2, high = std::log(beta) / 2;
  const Sum spread = plan.spread();
  return plan.scaled(plan.noise(), spread, (high + low) / 2, (high - low) / 2);
}

}  // namespace

// Ho et al. 2020, "Denoising Diffusion Probabilistic Models", equations 6 and 7.
Plan ddpm(const SamplerSetting& setting) {
  const auto& [config, schedule, steps, start, eta] = setting;
  const std::vector<int> timesteps = whole_timesteps(config, steps);

  PlanBuilder plan;
  for (std::size_t i = static_cast<std::size_t>(start); i < timesteps.size(); ++i) {
    const int t = timesteps[i];
    const double alpha_bar = schedule.alpha_cumprod(t);
    const double alpha_bar_prev =
        i + 1 < timesteps.size() ? schedule.alpha_cumprod(timesteps[i + 1]) : 1.0;
    const double alpha = alpha_bar / alpha_bar_prev, beta = 1 - alpha;
    const double variance = (1 - alpha_bar_prev) / (1 - alpha_bar) * beta;

    const Sum x = plan.latents();
    const Sum output = plan.model(x, t, schedule.level(t));
    const Sum x0 = limited(
        plan, estimate(config.prediction_type, x, output, schedule.level(t)).sample, config);
    Sum x_prev = std::sqrt(alpha_bar_prev) * beta / (1 - alpha_bar) * x0 +
                 std::sqrt(alpha) * (1 - alpha_bar_prev) / (1 - alpha_bar) * x;
    if (t > 0) x_prev += fresh_noise(plan, config.variance_type, variance, beta);
    plan.step(x_prev);
  }
  return std::move(plan).finish(1.0);
}

}  // namespace velatura::samplers
