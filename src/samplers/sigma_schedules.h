#pragma once

#include <vector>

#include "velatura/request.h"

namespace velatura::samplers {

/// `count` evenly spaced numbers from `first` to `last`, which is included unless told otherwise.
std::vector<double> linspace(double first, double last, int count, bool endpoint = true);

/// True for the schedules whose timesteps some samplers round: karras, and ays with it.
inline bool has_whole_timesteps(Schedule schedule) {
  return schedule == Schedule::karras || schedule == Schedule::ays;
}

/// Noise levels from sigma_max down to sigma_min.
///  - karras: evenly spaced in sigma^(1/7) (Karras et al. 2022, equation 5)
///  - exponential: evenly spaced in log sigma
///  - beta: quantiles of Beta(0.6, 0.6) (Lee et al. 2024)
///  - ays: the levels optimised for Stable Diffusion 1.x (Sabour et al. 2024), which have a range
///  of
///    their own, interpolated in log sigma
std::vector<double> scheduled_sigmas(Schedule schedule, double sigma_max, double sigma_min,
                                     int count);

}  // namespace velatura::samplers
