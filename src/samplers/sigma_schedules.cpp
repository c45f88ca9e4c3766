#include "samplers/sigma_schedules.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "samplers/beta_distribution.h"

namespace velatura::samplers {
namespace {

std::vector<double> karras(double sigma_max, double sigma_min, int count) {
  constexpr double rho = 7.0;
  const double max_inv_rho = std::pow(sigma_max, 1 / rho),
               min_inv_rho = std::pow(sigma_min, 1 / rho);
  std::vector<double> sigmas = linspace(0.0, 1.0, count);
  for (double& each : sigmas) {
    each = std::pow(max_inv_rho + each * (min_inv_rho - max_inv_rho), rho);
  }
  return sigmas;
}

std::vector<double> exponential(double sigma_max, double sigma_min, int count) {
  std::vector<double> sigmas = linspace(std::log(sigma_max), std::log(sigma_min), count);
  for (double& each : sigmas) each = std::exp(each);
  return sigmas;
}

std::vector<double> beta(double sigma_max, double sigma_min, int count) {
  std::vector<double> sigmas = linspace(0.0, 1.0, count);
  for (double& each : sigmas) {
    each = sigma_min + beta_quantile(1.0 - each, 0.6, 0.6) * (sigma_max - sigma_min);
  }
  return sigmas;
}

std::vector<double> align_your_steps(int count) {
  constexpr std::array levels{14.615, 6.475, 3.861, 2.697, 1.886, 1.396,
                              0.963,  0.652, 0.399, 0.152, 0.029};
  std::vector<double> sigmas = linspace(0.0, levels.size() - 1.0, count);
  for (double& each : sigmas) {
    const auto i = std::min(static_cast<std::size_t>(each), levels.size() - 2);
    const double weight = each - static_cast<double>(i);
    each = std::exp((1 - weight) * std::log(levels[i]) + weight * std::log(levels[i + 1]));
  }
  return sigmas;
}

}  // namespace

std::vector<double> linspace(double first, double last, int count, bool endpoint) {
  const int intervals = endpoint ? count - 1 : count;
  const double step = intervals > 0 ? (last - first) / intervals : 0.0;
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(i * step + first);
  if (endpoint && count > 1) values.back() = last;
  return values;
}

std::vector<double> scheduled_sigmas(Schedule schedule, double sigma_max, double sigma_min,
                                     int count) {
  switch (schedule) {
    case Schedule::karras:
      return karras(sigma_max, sigma_min, count);
    case Schedule::beta:
      return beta(sigma_max, sigma_min, count);
    case Schedule::ays:
      return align_your_steps(count);
    case Schedule::exponential:
    case Schedule::standard:
    case Schedule::sgm_uniform:
      break;
  }
  return exponential(sigma_max, sigma_min, count);
}

}  // namespace velatura::samplers
