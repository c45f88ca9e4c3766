#include "samplers/spacing.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "samplers/sigma_schedules.h"
#include "velatura/error.h"

namespace velatura::samplers {
namespace {

double as_float(double value) {
  return static_cast<float>(value);
}

// 0, step, 2 step, … below `last`, counted down from `last`: last, last - step, …, then - 1.
std::vector<double> trailing(int last, double step) {
  std::vector<double> timesteps;
  const auto count = static_cast<int>(std::ceil(last / step));
  const double delta = (last - step) - last;
  for (int i = 0; i < count; ++i) timesteps.push_back(std::nearbyint(last + i * delta) - 1);
  return timesteps;
}

std::vector<double> leading(int count, int step, int offset) {
  std::vector<double> timesteps;
  for (int i = count - 1; i >= 0; --i) timesteps.push_back(i * step + offset);
  return timesteps;
}

std::vector<double> falling_linspace(double last, int count) {
  std::vector<double> timesteps = linspace(0.0, last, count);
  std::ranges::reverse(timesteps);
  return timesteps;
}

// `steps` timesteps, the first and last of the training range included where it is linspace.
std::vector<double> spaced_timesteps(const SchedulerConfig& config, int steps) {
  const int all = config.num_train_timesteps;
  switch (config.timestep_spacing) {
    case TimestepSpacing::leading:
      return leading(steps, all / steps, config.steps_offset);
    case TimestepSpacing::trailing:
      return trailing(all, static_cast<double>(all) / steps);
    case TimestepSpacing::linspace:
      break;
  }
  return falling_linspace(all - 1, steps);
}

// `steps` timesteps that leave one more for the end of the run.
std::vector<double> spaced_timesteps_before_last(const SchedulerConfig& config, int last,
                                                 int steps) {
  std::vector<double> timesteps;
  switch (config.timestep_spacing) {
    case TimestepSpacing::leading:
      timesteps = leading(steps + 1, last / (steps + 1), config.steps_offset);
      timesteps.pop_back();
      break;
    case TimestepSpacing::trailing:
      timesteps = trailing(last, static_cast<double>(config.num_train_timesteps) / steps);
      break;
    case TimestepSpacing::linspace:
      timesteps = falling_linspace(last - 1, steps + 1);
      for (double& timestep : timesteps) timestep = std::nearbyint(timestep);
      timesteps.pop_back();
      break;
  }
  return timesteps;
}

double timestep_to_sigma(double timestep, const NoiseSchedule& schedule) {
  const double last = schedule.num_train_timesteps() - 1;
  const double low = std::floor(std::clamp(timestep, 0.0, last));
  const auto i = static_cast<std::size_t>(low);
  if (low == last) return schedule.sigmas.back();
  const double slope = static_cast<double>(schedule.sigmas[i + 1]) - schedule.sigmas[i];
  return slope * (std::max(timestep, 0.0) - low) + schedule.sigmas[i];
}

std::vector<double> timesteps_to_sigmas(std::vector<double> timesteps,
                                        const NoiseSchedule& schedule) {
  for (double& each : timesteps) each = timestep_to_sigma(each, schedule);
  return timesteps;
}

std::vector<double> sigmas_to_timesteps(std::vector<double> sigmas, const NoiseSchedule& schedule) {
  for (double& each : sigmas) each = sigma_to_timestep(each, schedule);
  return sigmas;
}

// The run ends at `last`; noise levels are float32.
SigmaSteps finish(std::vector<double> sigmas, std::vector<double> timesteps, double last) {
  sigmas.push_back(last);
  std::ranges::transform(sigmas, sigmas.begin(), as_float);
  return {std::move(sigmas), std::move(timesteps)};
}

// The first training timestep left out by lambda_min_clipped (cosine schedules have no signal at
// their end).
int last_unclipped_timestep(const SchedulerConfig& config, const NoiseSchedule& schedule) {
  const auto lambda_is_less = [](float alpha_cumprod, double lambda) {
    return std::log(std::sqrt(alpha_cumprod)) - std::log(std::sqrt(1.0f - alpha_cumprod)) < lambda;
  };
  const auto& falling = schedule.alphas_cumprod;
  const auto clipped =
      std::lower_bound(falling.rbegin(), falling.rend(), config.lambda_min_clipped, lambda_is_less);
  return schedule.num_train_timesteps() - static_cast<int>(clipped - falling.rbegin());
}

}  // namespace

std::vector<int> whole_timesteps(const SchedulerConfig& config, int steps) {
  if (steps > config.num_train_timesteps) {
    throw UsageError("steps is " + std::to_string(steps) + ", but the model has only " +
                     std::to_string(config.num_train_timesteps) + " timesteps");
  }
  std::vector<int> whole;
  for (const double timestep : spaced_timesteps(config, steps)) {
    whole.push_back(static_cast<int>(std::nearbyint(timestep)));
  }
  return whole;
}

std::vector<int> distilled_timesteps(const SchedulerConfig& config, int steps) {
  const int original = config.original_inference_steps;
  if (steps > original) {
    throw UsageError("steps is " + std::to_string(steps) + ", but the model was distilled from " +
                     std::to_string(original) + " (original_inference_steps)");
  }
  const int stride = config.num_train_timesteps / original;
  std::vector<int> timesteps;
  for (const double index : linspace(0.0, original, steps, /*endpoint=*/false)) {
    timesteps.push_back((original - static_cast<int>(std::floor(index))) * stride - 1);
  }
  return timesteps;
}

double sigma_to_timestep(double sigma, const NoiseSchedule& schedule) {
  const double log_sigma = std::log(std::max(sigma, 1e-10));
  const auto log_at = [&](std::size_t i) { return std::log(schedule.sigmas[i]); };
  std::size_t low = 0;
  std::size_t high = schedule.sigmas.size() - 1;
  while (high - low > 1) {
    const std::size_t middle = (low + high) / 2;
    (log_at(middle) <= log_sigma ? low : high) = middle;
  }
  const double weight = (log_at(low) - log_sigma) / (log_at(low) - log_at(high));
  const double clipped = std::clamp(weight, 0.0, 1.0);
  return (1.0 - clipped) * static_cast<double>(low) + clipped * static_cast<double>(high);
}

SigmaSteps sigma_steps(const SchedulerConfig& config, const NoiseSchedule& schedule, int steps) {
  std::vector<double> timesteps = spaced_timesteps(config, steps);
  std::ranges::transform(timesteps, timesteps.begin(), as_float);
  std::vector<double> sigmas = timesteps_to_sigmas(timesteps, schedule);
  if (config.schedule != Schedule::standard) {
    sigmas = scheduled_sigmas(config.schedule, config.sigma_max.value_or(sigmas.front()),
                              config.sigma_min.value_or(sigmas.back()), steps);
    timesteps = sigmas_to_timesteps(sigmas, schedule);
  }
  const double last = config.final_sigmas_type == FinalSigmas::zero ? 0.0 : schedule.sigmas.front();
  return finish(std::move(sigmas), std::move(timesteps), last);
}

SigmaSteps lambda_steps(const SchedulerConfig& config, const NoiseSchedule& schedule, int steps,
                        LambdaSchedule habits) {
  const bool to_zero = config.final_sigmas_type == FinalSigmas::zero;
  const double smallest = schedule.sigmas.front();
  if (config.schedule == Schedule::standard) {
    std::vector<double> timesteps =
        spaced_timesteps_before_last(config, last_unclipped_timestep(config, schedule), steps);
    std::vector<double> sigmas = timesteps_to_sigmas(timesteps, schedule);
    return finish(std::move(sigmas), std::move(timesteps), to_zero ? 0.0 : smallest);
  }
  std::vector<double> sigmas =
      scheduled_sigmas(config.schedule, config.sigma_max.value_or(schedule.sigmas.back()),
                       config.sigma_min.value_or(smallest), steps);
  std::vector<double> timesteps = sigmas_to_timesteps(sigmas, schedule);
  const bool rounded = habits.whole_timesteps && has_whole_timesteps(config.schedule);
  for (double& timestep : timesteps) {
    timestep = rounded ? std::nearbyint(timestep) : std::trunc(timestep);
  }
  const double last = to_zero ? 0.0 : habits.repeats_last ? sigmas.back() : smallest;
  return finish(std::move(sigmas), std::move(timesteps), last);
}

}  // namespace velatura::samplers
