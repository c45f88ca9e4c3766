#pragma once

#include <cmath>
#include <utility>

#include "samplers/estimate.h"
#include "samplers/sampler_setting.h"
#include "samplers/spacing.h"

namespace velatura::samplers {

/// What samplers written in sigma share (Karras et al. 2022): latents are x0 + sigma * epsilon, the
/// model sees them scaled to its own range.
class SigmaSampler {
 public:
  explicit SigmaSampler(const SamplerSetting& setting)
      : SigmaSampler(setting, sigma_steps(setting.config, setting.schedule, setting.steps)) {}

  SigmaSampler(const SamplerSetting& setting, SigmaSteps sigma_steps)
      : config(setting.config),
        schedule(setting.schedule),
        steps(std::move(sigma_steps)),
        start(static_cast<std::size_t>(setting.start)) {}

  /// Calls the model on the current latents, whose noise is sigma.
  /// @return x0 (limited if config asks), as one tensor
  Sum denoise(PlanBuilder& plan, double sigma, double timestep) const;

  /// As above, where img2img would noise the latents to `level_sigma` instead.
  Sum denoise(PlanBuilder& plan, double sigma, double timestep, double level_sigma) const;

  std::size_t count() const { return steps.timesteps.size(); }
  double sigma(std::size_t i) const { return steps.sigmas[i]; }
  double timestep(std::size_t i) const { return steps.timesteps[i]; }

  /// Ends the plan: the noise txt2img starts from.
  Plan finish(PlanBuilder&& plan) const;

  const SchedulerConfig& config;
  const NoiseSchedule& schedule;
  const SigmaSteps steps;
  const std::size_t start;
};

/// A step from sigma to `next` that replaces part of the noise by fresh noise (Song et al. 2021):
/// go down to `down`, then add `up` of noise.
struct AncestralStep {
  double down;
  double up;
};

/// @tparam Real  the type it is computed in; diffusers uses float, whose rounding shows where the
///               squares are nearly equal
template <class Real>
AncestralStep ancestral_step(double sigma, double next) {
  const auto from = static_cast<Real>(sigma), to = static_cast<Real>(next);
  const Real up = std::sqrt(to * to * (from * from - to * to) / (from * from));
  return {std::sqrt(to * to - up * up), up};
}

/// The exponential integrator's step towards x0 (Lu et al. 2022, "DPM-Solver++", equation 9 in
/// Karras et al.'s variables): exact where x0 stays the same.
inline Sum towards(const Sum& x0, const Sum& x, double sigma, double next) {
  return next / sigma * x + (1 - next / sigma) * x0;
}

}  // namespace velatura::samplers
