#include <algorithm>
#include <deque>

#include "samplers/lambda_sampler.h"
#include "velatura/error.h"

namespace velatura::samplers {
namespace {

/// Each step's order: blocks of 1, 2, … solver_order; the last step is of order 1 where it goes to
/// sigma 0 or config asks for it.
std::vector<int> singlestep_orders(const SchedulerConfig& config, int steps) {
  const int order = config.solver_order;
  const bool to_zero = config.final_sigmas_type == FinalSigmas::zero;
  std::vector<int> orders;
  for (int i = 0; i < steps; ++i) orders.push_back(i % order + 1);
  if (to_zero || (config.lower_order_final && steps % order == 0)) orders.back() = 1;
  return orders;
}

/// The update to point i + 1 from where the block began, over its predictions, latest first.
Sum singlestep_update(const LambdaSampler& sampler, std::size_t i, int order, const Sum& x,
                      const std::deque<Sum>& m, const SolverCoefficients& c) {
  if (order == 1) return c.x * x + c.d0 * m[0];

  const LambdaPoint t = sampler.point(i + 1),
                    begin = sampler.point(i + 1 - static_cast<std::size_t>(order));
  const double h = t.lambda - begin.lambda;
  const double r0 = (sampler.point(i).lambda - begin.lambda) / h;
  if (order == 2) {
    const Sum d1 = (m[0] - m[1]) / r0;
    return c.x * x + c.d0 * m[1] + c.d1 * d1;
  }
  const double r1 = (sampler.point(i - 1).lambda - begin.lambda) / h;
  const Sum d1_0 = (m[1] - m[2]) / r1, d1_1 = (m[0] - m[2]) / r0;
  const Sum next = c.x * x + c.d0 * m[2];
  if (sampler.config.solver_type == Solver::midpoint) return next + c.d1 * d1_1;
  const Sum d1 = (r0 * d1_0 - r1 * d1_1) / (r0 - r1);
  const Sum d2 = 2.0 * (d1_1 - d1_0) / (r0 - r1);
  return next + c.d1 * d1 + c.d2 * d2;
}

}  // namespace

// Lu et al. 2022, "DPM-Solver" and "DPM-Solver++", the single-step forms of order 1 to 3.
Plan dpmpp_2s(const SamplerSetting& setting) {
  const SchedulerConfig& config = setting.config;
  check_final_sigmas(config);
  if (is_sde(config.algorithm_type) && config.solver_order == 3 &&
      config.solver_type == Solver::heun) {
    throw UsageError(
        "sampler dpmpp_2s has no sde-dpmsolver++ of solver_order 3 and solver_type heun: its "
        "formula "
        "magnifies rounding errors; use midpoint");
  }
  const LambdaSampler sampler(setting, lambda_steps(config, setting.schedule, setting.steps));
  const std::vector<int> orders = singlestep_orders(config, setting.steps);

  PlanBuilder plan;
  std::deque<Sum> predictions;  // latest first
  Sum block_begin;
  for (std::size_t i = sampler.start; i < sampler.count(); ++i) {
    const Sum x = plan.latents();
    predictions.push_front(sampler.predict(plan, i, predicts_x0(config.algorithm_type)));
    if (predictions.size() > 3) predictions.pop_back();
    // A late start (img2img) may fall inside a block.
    const int order = std::min(orders[i], static_cast<int>(predictions.size()));
    if (order == 1) block_begin = x;

    const Solver solver = order == 3 ? Solver::heun : config.solver_type;
    const LambdaPoint from = sampler.point(i + 1 - static_cast<std::size_t>(order));
    const auto c = solver_coefficients(config.algorithm_type, solver, from, sampler.point(i + 1));
    Sum next = singlestep_update(sampler, i, order, block_begin, predictions, c);
    if (is_sde(config.algorithm_type)) next += c.noise * plan.noise();
    plan.step(next);
  }
  return std::move(plan).finish(1.0);
}

}  // namespace velatura::samplers
