#include <cmath>

#include "samplers/estimate.h"
#include "samplers/sampler_setting.h"
#include "samplers/spacing.h"

namespace velatura::samplers {

// Zheng et al. 2024, "Trajectory Consistency Distillation", algorithm 4 (strategic stochastic
// sampling): go on to timestep s = (1 - eta) * next, then noise back to next.
Plan tcd(const SamplerSetting& setting) {
  const auto& [config, schedule, steps, start, eta] = setting;
  const std::vector<int> timesteps = distilled_timesteps(config, steps);

  PlanBuilder plan;
  for (std::size_t i = static_cast<std::size_t>(start); i < timesteps.size(); ++i) {
    const int t = timesteps[i];
    const bool last = i + 1 == timesteps.size();
    const int next = last ? 0 : timesteps[i + 1];
    const int s =
        static_cast<int>(std::floor(static_cast<float>(1 - eta) * static_cast<float>(next)));

    const Sum x = plan.latents();
    const Sum output = plan.model(x, t, schedule.level(t));
    const auto [x0, epsilon] = estimate(config.prediction_type, x, output, schedule.level(t));
    const NoiseLevel level = schedule.level(s);
    const Sum x_s = level.signal * x0 + level.noise * epsilon;
    if (eta > 0 && !last) {
      const double kept = schedule.alpha_cumprod(next) / schedule.alpha_cumprod(s);
      plan.step(std::sqrt(kept) * x_s + std::sqrt(1 - kept) * plan.noise());
    } else {
      plan.step(x_s);
    }
  }
  return std::move(plan).finish(1.0);
}

}  // namespace velatura::samplers
