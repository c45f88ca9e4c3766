#include "samplers/sigma_sampler.h"

#include <algorithm>
#include <cmath>

namespace velatura::samplers {

Sum SigmaSampler::denoise(PlanBuilder& plan, double sigma, double timestep) const {
  return denoise(plan, sigma, timestep, sigma);
}

Sum SigmaSampler::denoise(PlanBuilder& plan, double sigma, double timestep,
                          double level_sigma) const {
  const double scale = 1.0 / std::sqrt(sigma * sigma + 1.0);
  const Sum x = scale * plan.latents();
  const Sum output = plan.model(x, timestep, {1.0, level_sigma});
  const Estimate found = estimate(config.prediction_type, x, output, {scale, sigma * scale});
  return limited(plan, found.sample, config);
}

Plan SigmaSampler::finish(PlanBuilder&& plan) const {
  const double most = std::ranges::max(steps.sigmas);
  const bool from_pure_noise = config.timestep_spacing != TimestepSpacing::leading;
  return std::move(plan).finish(from_pure_noise ? most : std::sqrt(most * most + 1.0));
}

AncestralStep ancestral_step(double sigma, double next) {
  // float32, as the difference of nearly equal squares is taken elsewhere.
  const auto from = static_cast<float>(sigma), to = static_cast<float>(next);
  const float up = std::sqrt(to * to * (from * from - to * to) / (from * from));
  return {std::sqrt(to * to - up * up), up};
}

}  // namespace velatura::samplers
