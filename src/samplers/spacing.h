#pragma once

#include <vector>

#include "samplers/noise_schedule.h"
#include "samplers/scheduler_config.h"

namespace velatura::samplers {

/// The noise levels and timesteps of the steps, noisiest first.
struct SigmaSteps {
  std::vector<double> sigmas;     ///< [steps + 1], float32 values; the last is where the run ends
  std::vector<double> timesteps;  ///< [steps]
};

/// Whole training timesteps, `steps` of them as config.timestep_spacing has it (Lin et al. 2023,
/// table 2). For samplers written in alphas_cumprod: ddim, ddpm, pndm.
std::vector<int> whole_timesteps(const SchedulerConfig& config, int steps);

/// Every k-th of the timesteps the model was distilled for (lcm, tcd).
/// @throws UsageError for more steps than config.original_inference_steps
std::vector<int> distilled_timesteps(const SchedulerConfig& config, int steps);

/// Steps for samplers written in sigma (Karras et al. 2022): euler, heun, lms, dpm2, …
/// linspace timesteps are not whole; the schedules run between the first and last sigma visited.
SigmaSteps sigma_steps(const SchedulerConfig& config, const NoiseSchedule& schedule, int steps);

/// Where the samplers written in lambda differ once a schedule is in use.
struct LambdaSchedule {
  bool repeats_last = false;    ///< ends with its last sigma twice, not with the model's smallest
  bool whole_timesteps = true;  ///< karras timesteps are rounded, not cut
};

/// Steps for samplers written in lambda = log(alpha / sigma) (Lu et al. 2022): dpmpp_2m, unipc, …
/// `steps` of steps + 1 evenly spaced whole timesteps; the schedules run over the full range.
SigmaSteps lambda_steps(const SchedulerConfig& config, const NoiseSchedule& schedule, int steps,
                        LambdaSchedule habits = {});

/// The timestep with that noise, by interpolation in log sigma; within the training range.
double sigma_to_timestep(double sigma, const NoiseSchedule& schedule);

}  // namespace velatura::samplers
