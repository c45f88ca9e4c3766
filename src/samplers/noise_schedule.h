#pragma once

#include <vector>

#include "samplers/plan.h"
#include "samplers/scheduler_config.h"

namespace velatura::samplers {

/// The forward process (Ho et al. 2020, §2): how much of the picture is left at each training
/// timestep. The values are those of float32 arithmetic, as models were trained and are sampled
/// elsewhere: 1 - alphas_cumprod near timestep 0 has only four digits, and they matter.
struct NoiseSchedule {
  std::vector<float> betas;           ///< [num_train_timesteps], in [0, 1]
  std::vector<float> alphas_cumprod;  ///< [num_train_timesteps], falling, in [0, 1]
  std::vector<float>
      sigmas;  ///< [num_train_timesteps], sqrt((1 - alphas_cumprod) / alphas_cumprod)

  int num_train_timesteps() const { return static_cast<int>(alphas_cumprod.size()); }

  /// sqrt(alphas_cumprod), sqrt(1 - alphas_cumprod). @throws UsageError outside the training range
  NoiseLevel level(int timestep) const;

  /// alphas_cumprod[timestep]. @throws UsageError outside the training range
  double alpha_cumprod(int timestep) const;

  /// betas[timestep], more exact than what alphas_cumprod say. @pre within the training range
  double beta(int timestep) const { return betas.at(static_cast<std::size_t>(timestep)); }
};

NoiseSchedule make_noise_schedule(const SchedulerConfig& config);

}  // namespace velatura::samplers
