#include "samplers/unclip.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "samplers/estimate.h"
#include "samplers/noise_schedule.h"
#include "velatura/error.h"

namespace velatura::samplers {

UnclipConfig UnclipConfig::read(ConfigObject json) {
  UnclipConfig c;
  json.only("_class_name", "UnCLIPScheduler");
  c.num_train_timesteps = json.get("num_train_timesteps", c.num_train_timesteps);
  if (c.num_train_timesteps < 2 || c.num_train_timesteps > 1'000'000)
    json.reject("num_train_timesteps", "2 to 1000000");
  json.only("variance_type", "fixed_small_log");
  c.clip_sample = json.get("clip_sample", c.clip_sample);
  c.clip_sample_range = json.get("clip_sample_range", c.clip_sample_range);
  if (!(c.clip_sample_range > 0)) json.reject("clip_sample_range", "a positive number");
  const auto prediction = json.get<std::string>("prediction_type", "epsilon");
  if (prediction != "epsilon" && prediction != "sample")
    json.reject("prediction_type", "\"epsilon\" or \"sample\"");
  if (prediction == "sample") c.prediction_type = Prediction::sample;
  json.only("beta_schedule", "squaredcos_cap_v2");
  json.finish();
  return c;
}

// Ho et al. 2020, equations 6 and 7, with betas of the timesteps that are visited.
Plan unclip(const UnclipConfig& config, int steps) {
  if (steps < 2 || steps > config.num_train_timesteps) {
    throw UsageError("a prior's steps are " + std::to_string(steps) + ", expected 2 to " +
                     std::to_string(config.num_train_timesteps));
  }
  SchedulerConfig forward;
  forward.num_train_timesteps = config.num_train_timesteps;
  forward.beta_schedule = BetaSchedule::squaredcos_cap_v2;
  forward.clip_sample = config.clip_sample;
  forward.clip_sample_range = config.clip_sample_range;
  const NoiseSchedule schedule = make_noise_schedule(forward);
  const double stride = (config.num_train_timesteps - 1) / (steps - 1.0);
  const auto timestep = [&](int i) { return static_cast<int>(std::nearbyint(i * stride)); };

  PlanBuilder plan;
  for (int i = steps - 1; i >= 0; --i) {
    const int t = timestep(i), previous = i > 0 ? timestep(i - 1) : -1;
    // In float32, as priors are sampled elsewhere: of alpha near the last timestep nothing is left then.
    const auto alpha_bar = static_cast<float>(schedule.alpha_cumprod(t));
    const float alpha_bar_prev =
        previous >= 0 ? static_cast<float>(schedule.alpha_cumprod(previous)) : 1.0f;
    const float beta = previous == t - 1 ? static_cast<float>(schedule.beta(t))
                                         : 1.0f - alpha_bar / alpha_bar_prev;
    const double whole = 1.0f - alpha_bar, rest = 1.0f - alpha_bar_prev;

    const Sum x = plan.latents();
    const Sum output = plan.model(x, t, schedule.level(t));
    const Sum x0 = limited(
        plan, estimate(config.prediction_type, x, output, schedule.level(t)).sample, forward);
    Sum x_prev = std::sqrt(double{alpha_bar_prev}) * beta / whole * x0 +
                 std::sqrt(double{1.0f - beta}) * rest / whole * x;
    if (t > 0) {
      const double variance = rest / whole * beta;
      x_prev += std::sqrt(std::max(variance, 1e-20)) * plan.noise();
    }
    plan.step(x_prev);
  }
  return std::move(plan).finish(1.0);
}

}  // namespace velatura::samplers
