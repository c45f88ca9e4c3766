#include "samplers/sigma_sampler.h"

#include <algorithm>
#include <cmath>

namespace velatura::samplers {

Sum SigmaSampler::denoise(PlanBuilder& plan, double sigma, double timestep) const {
  return denoise(plan, sigma, timestep, sigma);
}

Sum SigmaSampler::denoise(PlanBuilder& plan, double sigma, double timestep,
                          double level_sigma) const {
  const auto s = static_cast<float>(sigma);
  const double scale = 1.0 / static_cast<double>(std::sqrt(s * s + 1.0f));
  const Sum x = scale * plan.latents();
  const Sum output = plan.model(x, timestep, {1.0, level_sigma});
  const Estimate found = estimate(config.prediction_type, x, output, {scale, sigma * scale});
  return plan.keep(found.sample, sample_limit(config));
}

Plan SigmaSampler::finish(PlanBuilder&& plan) const {
  const double most = std::ranges::max(steps.sigmas);
  const bool from_pure_noise = config.timestep_spacing != TimestepSpacing::leading;
  return std::move(plan).finish(from_pure_noise ? most : std::sqrt(most * most + 1.0));
}

}  // namespace velatura::samplers
