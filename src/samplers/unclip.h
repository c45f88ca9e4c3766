#pragma once

#include "core/config_object.h"
#include "samplers/plan.h"
#include "samplers/scheduler_config.h"

namespace velatura::samplers {

/// scheduler_config.json of a prior's UnCLIPScheduler; defaults are diffusers' own.
struct UnclipConfig {
  int num_train_timesteps = 1000;
  bool clip_sample = true;
  double clip_sample_range = 1.0;
  Prediction prediction_type = Prediction::epsilon;

  /// @throws InputError naming what is wrong or not supported
  static UnclipConfig read(ConfigObject json);
};

/// The sampler of priors (Ramesh et al. 2022): DDPM over evenly spaced timesteps, from the last to 0.
/// No choice for pictures. The model is called with vectors [B, D]; noise is drawn at every step but
/// the last.
/// @param steps  2 … num_train_timesteps
/// @throws UsageError for another number of steps
Plan unclip(const UnclipConfig& config, int steps);

}  // namespace velatura::samplers
