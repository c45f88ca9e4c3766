#include <cmath>
#include <deque>

#include "samplers/estimate.h"
#include "samplers/sampler_setting.h"
#include "samplers/spacing.h"
#include "velatura/error.h"

namespace velatura::samplers {
namespace {

/// Liu et al. 2022, "Pseudo Numerical Methods for Diffusion Models on Manifolds".
class Pndm {
 public:
  explicit Pndm(const SamplerSetting& setting)
      : config_(setting.config),
        schedule_(setting.schedule),
        stride_(setting.config.num_train_timesteps / setting.steps) {}

  Sum model(PlanBuilder& plan, int t) const {
    return plan.model(plan.latents(), t, schedule_.level(t));
  }

  /// The transfer from timestep t to `previous` along a mean of model outputs (equation 9).
  Sum transfer(const Sum& x, const Sum& output, int t, int previous) const {
    const double alpha = schedule_.alpha_cumprod(t);
    const double alpha_prev = previous >= 0              ? schedule_.alpha_cumprod(previous)
                              : config_.set_alpha_to_one ? 1.0
                                                         : schedule_.alpha_cumprod(0);
    const Sum epsilon = estimate(config_.prediction_type, x, output, schedule_.level(t)).epsilon;
    const double divisor =
        alpha * std::sqrt(1 - alpha_prev) + std::sqrt(alpha * (1 - alpha) * alpha_prev);
    return std::sqrt(alpha_prev / alpha) * x - (alpha_prev - alpha) / divisor * epsilon;
  }

  int stride() const { return stride_; }

 private:
  const SchedulerConfig& config_;
  const NoiseSchedule& schedule_;
  int stride_;
};

/// Linear multistep (equation 12): Adams-Bashforth over the last outputs.
Sum multistep(const std::deque<Sum>& e) {
  switch (e.size()) {
    case 1:
      return e[0];
    case 2:
      return (3 * e[0] - e[1]) / 2;
    case 3:
      return (23 * e[0] - 16 * e[1] + 5 * e[2]) / 12;
    default:
      return (55 * e[0] - 59 * e[1] + 37 * e[2] - 9 * e[3]) / 24;
  }
}

void remember(std::deque<Sum>& outputs, const Sum& output) {
  outputs.push_front(output);
  if (outputs.size() > 4) outputs.pop_back();
}

/// PLMS: linear multistep from the start. The first step is improved Euler, whose second output
/// stays out of the history.
void plms(const Pndm& pndm, PlanBuilder& plan, const std::vector<int>& timesteps) {
  std::deque<Sum> outputs;
  Sum first;
  for (std::size_t i = 0; i < timesteps.size(); ++i) {
    const int t = timesteps[i];
    const Sum x = plan.latents();
    const Sum output = pndm.model(plan, t);
    if (i == 1) {
      plan.step(pndm.transfer(first, (output + outputs[0]) / 2, t + pndm.stride(), t));
      continue;
    }
    if (i == 0) first = x;
    remember(outputs, output);
    plan.step(pndm.transfer(x, multistep(outputs), t, t - pndm.stride()));
  }
}

/// The timesteps of three pseudo Runge-Kutta steps from the first to the fourth of `timesteps`:
/// start, middle, middle, end of each.
std::vector<int> prk_timesteps(const std::vector<int>& timesteps, int half_stride) {
  std::vector<int> prk;
  for (std::size_t i = 0; i < 3; ++i) {
    const int end = timesteps[i + 1], middle = end + half_stride;
    prk.insert(prk.end(), {timesteps[i], middle, middle, end});
  }
  return prk;
}

/// Pseudo Runge-Kutta (equation 13) for three steps, then linear multistep.
void prk_then_plms(const Pndm& pndm, PlanBuilder& plan, const std::vector<int>& spaced, int start) {
  if (spaced.size() < 4) {
    throw UsageError("sampler pndm needs at least 4 steps where skip_prk_steps is false");
  }
  const int half_stride = pndm.stride() / 2;
  const std::vector<int> prk = prk_timesteps(spaced, half_stride);
  std::vector<int> timesteps = prk;
  timesteps.insert(timesteps.end(), spaced.begin() + 3, spaced.end());

  std::deque<Sum> outputs;
  Sum first, mean;
  for (std::size_t i = 0; i + static_cast<std::size_t>(start) < timesteps.size(); ++i) {
    const int t = timesteps[i + static_cast<std::size_t>(start)];
    const Sum x = plan.latents();
    const Sum output = pndm.model(plan, t);
    if (i >= prk.size()) {
      remember(outputs, output);
      plan.step(pndm.transfer(x, multistep(outputs), t, t - pndm.stride()));
      continue;
    }
    const std::size_t stage = i % 4;
    const int from = prk[i - stage];
    if (stage == 0) {
      first = x;
      mean = Sum();
      remember(outputs, output);
    }
    mean += output / (stage == 0 || stage == 3 ? 6 : 3);
    const int to = stage % 2 == 0 ? t - half_stride : t;
    plan.step(pndm.transfer(first, stage == 3 ? mean : output, from, to));
  }
}

}  // namespace

Plan pndm(const SamplerSetting& setting) {
  const Pndm solver(setting);
  std::vector<int> timesteps = whole_timesteps(setting.config, setting.steps);
  PlanBuilder plan;
  if (setting.config.skip_prk_steps) {
    if (timesteps.size() > 1) timesteps.insert(timesteps.begin() + 1, timesteps[1]);
    timesteps.erase(timesteps.begin(), timesteps.begin() + setting.start);
    plms(solver, plan, timesteps);
  } else {
    prk_then_plms(solver, plan, timesteps, setting.start);
  }
  return std::move(plan).finish(1.0);
}

}  // namespace velatura::samplers
