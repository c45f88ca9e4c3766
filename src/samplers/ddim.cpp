#include <cmath>

#include "samplers/estimate.h"
#include "samplers/sampler_setting.h"
#include "samplers/spacing.h"

namespace velatura::samplers {

// Song et al. 2021, "Denoising Diffusion Implicit Models", equations 12 and 16.
Plan ddim(const SamplerSetting& setting) {
  const auto& [config, schedule, steps, start, eta] = setting;
  const std::vector<int> timesteps = whole_timesteps(config, steps);
  const int stride = config.num_train_timesteps / steps;
  const double final_alpha = config.set_alpha_to_one ? 1.0 : schedule.alpha_cumprod(0);

  PlanBuilder plan;
  for (std::size_t i = static_cast<std::size_t>(start); i < timesteps.size(); ++i) {
    const int t = timesteps[i], previous = t - stride;
    const double alpha = schedule.alpha_cumprod(t);
    const double alpha_prev = previous >= 0 ? schedule.alpha_cumprod(previous) : final_alpha;
    const double variance = (1 - alpha_prev) / (1 - alpha) * (1 - alpha / alpha_prev);
    const double sigma = eta * std::sqrt(variance);

    const Sum x = plan.latents();
    const Sum output = plan.model(x, t, schedule.level(t));
    const auto [sample, epsilon] = estimate(config.prediction_type, x, output, schedule.level(t));
    const Sum x0 = limited(plan, sample, config);
    Sum x_prev = std::sqrt(alpha_prev) * x0 + std::sqrt(1 - alpha_prev - sigma * sigma) * epsilon;
    if (eta > 0) x_prev += sigma * plan.noise();
    plan.step(x_prev);
  }
  return std::move(plan).finish(1.0);
}

}  // namespace velatura::samplers
