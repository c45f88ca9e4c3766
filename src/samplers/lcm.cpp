#include <cmath>

#include "samplers/estimate.h"
#include "samplers/sampler_setting.h"
#include "samplers/spacing.h"

namespace velatura::samplers {

// Luo et al. 2023, "Latent Consistency Models", algorithm 3: jump to x0, noise again.
Plan lcm(const SamplerSetting& setting) {
  const auto& [config, schedule, steps, start, eta] = setting;
  const std::vector<int> timesteps = distilled_timesteps(config, steps);
  constexpr double kSigmaData = 0.5;

  PlanBuilder plan;
  for (std::size_t i = static_cast<std::size_t>(start); i < timesteps.size(); ++i) {
    const int t = timesteps[i];
    // The boundary condition f(x, 0) = x, appendix C.
    const double scaled = t * config.timestep_scaling;
    const double norm = scaled * scaled + kSigmaData * kSigmaData;
    const double c_skip = kSigmaData * kSigmaData / norm, c_out = scaled / std::sqrt(norm);

    const Sum x = plan.latents();
    const Sum output = plan.model(x, t, schedule.level(t));
    const Sum x0 = limited(
        plan, estimate(config.prediction_type, x, output, schedule.level(t)).sample, config);
    const Sum denoised = c_out * x0 + c_skip * x;
    if (i + 1 == timesteps.size()) {
      plan.step(denoised);
    } else {
      const NoiseLevel next = schedule.level(timesteps[i + 1]);
      plan.step(next.signal * denoised + next.noise * plan.noise());
    }
  }
  return std::move(plan).finish(1.0);
}

}  // namespace velatura::samplers
