#include <algorithm>
#include <cmath>
#include <deque>

#include "samplers/lambda_sampler.h"

namespace velatura::samplers {
namespace {

// The integral over rho up to t of the polynomial in log(rho) that is 1 at b and 0 at the others.
double antiderivative(double t, double b, double c) {
  return t * (std::log(t) - std::log(c) - 1) / (std::log(b) - std::log(c));
}
double antiderivative(double t, double b, double c, double d) {
  const double lt = std::log(t), lb = std::log(b), lc = std::log(c), ld = std::log(d);
  return t * (lt * lt - (lc + ld + 2) * lt + lc * ld + lc + ld + 2) / ((lb - lc) * (lb - ld));
}

template <class... Rho>
double integral(double from, double to, Rho... rho) {
  return antiderivative(to, rho...) - antiderivative(from, rho...);
}

double rho(const LambdaPoint& point) {
  return point.sigma / point.alpha;
}

/// The update from point i over the last noise predictions, latest first.
Sum multistep_update(const LambdaSampler& sampler, std::size_t i, int order, const Sum& x,
                     const std::deque<Sum>& m) {
  const LambdaPoint s = sampler.point(i), t = sampler.point(i + 1);
  const double rt = rho(t), r0 = rho(s);
  Sum next = x / s.alpha;
  if (order == 1) {
    next += (rt - r0) * m[0];
  } else if (order == 2) {
    const double r1 = rho(sampler.point(i - 1));
    next += integral(r0, rt, r0, r1) * m[0] + integral(r0, rt, r1, r0) * m[1];
  } else {
    const double r1 = rho(sampler.point(i - 1)), r2 = rho(sampler.point(i - 2));
    next += integral(r0, rt, r0, r1, r2) * m[0] + integral(r0, rt, r1, r2, r0) * m[1] +
            integral(r0, rt, r2, r0, r1) * m[2];
  }
  return t.alpha * next;
}

}  // namespace

// Zhang & Chen 2022, "Fast Sampling of Diffusion Models with Exponential Integrator": rho-AB with
// polynomials in log(rho), of order 1 to 3.
Plan deis(const SamplerSetting& setting) {
  const SchedulerConfig& config = setting.config;
  const LambdaSampler sampler(
      setting, lambda_steps(config, setting.schedule, setting.steps, {.repeats_last = true}));
  PlanBuilder plan;
  std::deque<Sum> predictions;  // latest first
  for (std::size_t i = sampler.start; i < sampler.count(); ++i) {
    int order = std::min(config.solver_order, static_cast<int>(i - sampler.start) + 1);
    if (config.lower_order_final && sampler.count() < 15) {
      order = std::min(order, static_cast<int>(sampler.count() - i));
    }
    const Sum x = plan.latents();
    predictions.push_front(sampler.predict(plan, i, /*x0=*/false));
    if (predictions.size() > 3) predictions.pop_back();
    plan.step(multistep_update(sampler, i, order, x, predictions));
  }
  return std::move(plan).finish(1.0);
}

}  // namespace velatura::samplers
