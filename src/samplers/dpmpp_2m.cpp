#include <algorithm>
#include <deque>

#include "samplers/lambda_sampler.h"
#include "velatura/error.h"

namespace velatura::samplers {
namespace {

/// The update from point i over the last predictions, latest first.
Sum multistep_update(const LambdaSampler& sampler, std::size_t i, int order, const Sum& x,
                     const std::deque<Sum>& m, const SolverCoefficients& c) {
  const Sum next = c.x * x + c.d0 * m[0];
  if (order == 1) return next;

  const LambdaPoint s0 = sampler.point(i), t = sampler.point(i + 1);
  const double h = t.lambda - s0.lambda;
  const LambdaPoint s1 = sampler.point(i - 1);
  const double r0 = (s0.lambda - s1.lambda) / h;
  const Sum d1_0 = (m[0] - m[1]) / r0;
  if (order == 2) return next + c.d1 * d1_0;

  const LambdaPoint s2 = sampler.point(i - 2);
  const double r1 = (s1.lambda - s2.lambda) / h;
  const Sum d1_1 = (m[1] - m[2]) / r1;
  const Sum d1 = d1_0 + r0 / (r0 + r1) * (d1_0 - d1_1);
  const Sum d2 = (d1_0 - d1_1) / (r0 + r1);
  return next + c.d1 * d1 + c.d2 * d2;
}

}  // namespace

// Lu et al. 2022, "DPM-Solver++", algorithm 2, of order 1 to 3, deterministic and SDE.
Plan dpmpp_2m(const SamplerSetting& setting) {
  const SchedulerConfig& config = setting.config;
  check_final_sigmas(config);
  if (config.algorithm_type == Algorithm::sde_dpmsolver && config.solver_order == 3) {
    throw UsageError("algorithm_type sde-dpmsolver has no solver_order 3");
  }
  const bool cosine = config.beta_schedule == BetaSchedule::squaredcos_cap_v2;
  const LambdaSampler sampler(
      setting, lambda_steps(config, setting.schedule, setting.steps, {.whole_timesteps = !cosine}));
  PlanBuilder plan;
  std::deque<Sum> predictions;  // latest first
  for (std::size_t i = sampler.start; i < sampler.count(); ++i) {
    const std::size_t left = sampler.count() - i;
    const bool few_steps = config.lower_order_final && sampler.count() < 15;
    int order = std::min(config.solver_order, static_cast<int>(i - sampler.start) + 1);
    if (left == 2 && few_steps) order = std::min(order, 2);
    if (left == 1 &&
        (few_steps || config.euler_at_final || config.final_sigmas_type == FinalSigmas::zero)) {
      order = 1;
    }

    const Sum x = plan.latents();
    predictions.push_front(sampler.predict(plan, i, predicts_x0(config.algorithm_type)));
    if (predictions.size() > 3) predictions.pop_back();
    const Solver solver = order == 3 ? Solver::heun : config.solver_type;
    const auto c =
        solver_coefficients(config.algorithm_type, solver, sampler.point(i), sampler.point(i + 1));
    Sum next = multistep_update(sampler, i, order, x, predictions, c);
    if (is_sde(config.algorithm_type)) next += c.noise * plan.noise();
    plan.step(next);
  }
  return std::move(plan).finish(1.0);
}

}  // namespace velatura::samplers
