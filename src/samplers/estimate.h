#pragma once

#include "samplers/plan.h"
#include "samplers/scheduler_config.h"

namespace velatura::samplers {

/// What a model's output says about the latents it was given.
struct Estimate {
  Sum sample;   ///< x0
  Sum epsilon;  ///< the noise
};

/// @param x       latents = level.signal * x0 + level.noise * epsilon
/// @param output  the model's prediction for them; v = signal * epsilon - noise * x0 (Salimans & Ho
///                2022, appendix D)
inline Estimate estimate(Prediction prediction, const Sum& x, const Sum& output, NoiseLevel level) {
  const auto [signal, noise] = level;
  switch (prediction) {
    case Prediction::sample:
      return {output, (x - signal * output) / noise};
    case Prediction::v_prediction:
      return {signal * x - noise * output, signal * output + noise * x};
    case Prediction::epsilon:
      break;
  }
  return {(x - noise * output) / signal, output};
}

/// The clamp config asks for on estimates of x0.
inline Limit sample_limit(const SchedulerConfig& config) {
  if (config.thresholding) {
    return Threshold{config.dynamic_thresholding_ratio, config.sample_max_value};
  }
  if (config.clip_sample) return Clip{config.clip_sample_range};
  return {};
}

/// x0, limited as config asks. Costs a tensor only where there is a limit.
inline Sum limited(PlanBuilder& plan, const Sum& sample, const SchedulerConfig& config) {
  const Limit limit = sample_limit(config);
  return std::holds_alternative<std::monostate>(limit) ? sample : plan.keep(sample, limit);
}

}  // namespace velatura::samplers
