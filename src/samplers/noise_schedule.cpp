#include "samplers/noise_schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "velatura/error.h"

namespace velatura::samplers {
namespace {

std::vector<float> linspace(double first, double last, int count) {
  const auto start = static_cast<float>(first), end = static_cast<float>(last);
  const float step = count > 1 ? (end - start) / static_cast<float>(count - 1) : 0.0f;
  std::vector<float> values(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    values[static_cast<std::size_t>(i)] = i < count / 2
                                              ? start + step * static_cast<float>(i)
                                              : end - step * static_cast<float>(count - i - 1);
  }
  return values;
}

// Nichol & Dhariwal 2021, §3.2.
std::vector<float> squaredcos_cap_v2(int count) {
  const auto alpha_bar = [](double t) {
    return std::pow(std::cos((t + 0.008) / 1.008 * std::numbers::pi / 2), 2);
  };
  std::vector<float> betas;
  for (int i = 0; i < count; ++i) {
    const double ratio = alpha_bar((i + 1.0) / count) / alpha_bar(i / static_cast<double>(count));
    betas.push_back(static_cast<float>(std::min(1.0 - ratio, 0.999)));
  }
  return betas;
}

std::vector<float> make_betas(const SchedulerConfig& config) {
  if (!config.trained_betas.empty()) {
    return {config.trained_betas.begin(), config.trained_betas.end()};
  }
  switch (config.beta_schedule) {
    case BetaSchedule::linear:
      return linspace(config.beta_start, config.beta_end, config.num_train_timesteps);
    case BetaSchedule::scaled_linear: {
      auto roots = linspace(std::sqrt(config.beta_start), std::sqrt(config.beta_end),
                            config.num_train_timesteps);
      for (float& root : roots) root *= root;
      return roots;
    }
    case BetaSchedule::squaredcos_cap_v2:
      return squaredcos_cap_v2(config.num_train_timesteps);
  }
  return {};
}

std::vector<float> cumprod_of_one_minus(const std::vector<float>& betas) {
  std::vector<float> result;
  double product = 1.0;
  for (const float beta : betas) {
    product *= 1.0f - beta;
    result.push_back(static_cast<float>(product));
  }
  return result;
}

// Lin et al. 2023, algorithm 1.
std::vector<float> rescale_zero_terminal_snr(const std::vector<float>& betas) {
  std::vector<float> alphas_bar = cumprod_of_one_minus(betas);
  const float first = std::sqrt(alphas_bar.front()), last = std::sqrt(alphas_bar.back());
  for (float& alpha_bar : alphas_bar) {
    const float root = (std::sqrt(alpha_bar) - last) * (first / (first - last));
    alpha_bar = root * root;
  }
  std::vector<float> rescaled{1.0f - alphas_bar.front()};
  for (std::size_t i = 1; i < alphas_bar.size(); ++i) {
    rescaled.push_back(1.0f - alphas_bar[i] / alphas_bar[i - 1]);
  }
  return rescaled;
}

}  // namespace

NoiseSchedule make_noise_schedule(const SchedulerConfig& config) {
  std::vector<float> betas = make_betas(config);
  if (config.rescale_betas_zero_snr) betas = rescale_zero_terminal_snr(betas);
  NoiseSchedule schedule{betas, cumprod_of_one_minus(betas), {}};
  for (const float alpha_cumprod : schedule.alphas_cumprod) {
    schedule.sigmas.push_back(std::sqrt((1.0f - alpha_cumprod) / alpha_cumprod));
  }
  if (config.rescale_betas_zero_snr) {
    constexpr float kNearlyNoSignal = 0x1p-24f;  // keeps the last sigma finite
    schedule.sigmas.back() = std::sqrt((1.0f - kNearlyNoSignal) / kNearlyNoSignal);
  }
  return schedule;
}

double NoiseSchedule::alpha_cumprod(int timestep) const {
  if (timestep < 0 || timestep >= num_train_timesteps()) {
    throw UsageError("the sampler needs timestep " + std::to_string(timestep) +
                     ", outside the model's 0 to " + std::to_string(num_train_timesteps() - 1) +
                     "; use fewer steps or another timestep spacing");
  }
  return alphas_cumprod[static_cast<std::size_t>(timestep)];
}

NoiseLevel NoiseSchedule::level(int timestep) const {
  const double alpha = alpha_cumprod(timestep);
  return {std::sqrt(alpha), std::sqrt(1.0 - alpha)};
}

}  // namespace velatura::samplers
