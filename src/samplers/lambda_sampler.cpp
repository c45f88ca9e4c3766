#include "samplers/lambda_sampler.h"

#include <cmath>

#include "velatura/error.h"

namespace velatura::samplers {

LambdaPoint LambdaSampler::point(std::size_t i) const {
  const double sigma = steps_.sigmas[i];
  const double alpha = 1.0 / std::sqrt(sigma * sigma + 1.0);
  return {alpha, sigma * alpha, -std::log(sigma)};
}

Sum LambdaSampler::predict(PlanBuilder& plan, std::size_t i, bool x0) const {
  const LambdaPoint at = point(i);
  const NoiseLevel level{at.alpha, at.sigma};
  const Sum x = plan.latents();
  const Sum output = plan.model(x, steps_.timesteps[i], level);
  const Estimate found = estimate(config.prediction_type, x, output, level);
  const Limit limit = sample_limit(config);
  if (x0) return plan.keep(found.sample, limit);
  if (std::holds_alternative<std::monostate>(limit)) return plan.keep(found.epsilon);
  return plan.keep((x - at.alpha * plan.keep(found.sample, limit)) / at.sigma);
}

SolverCoefficients solver_coefficients(Algorithm algorithm, Solver solver, LambdaPoint s,
                                       LambdaPoint t) {
  // x0 decays by exp(-h), epsilon grows by exp(h); an SDE does so twice as fast.
  const bool x0 = predicts_x0(algorithm), sde = is_sde(algorithm);
  const double h = t.lambda - s.lambda;
  const double k = x0 ? (sde ? -2 * h : -h) : h;
  const double scale = (x0 ? t.alpha : t.sigma) * (sde && !x0 ? 2.0 : 1.0);

  SolverCoefficients c{};
  c.x = x0 ? t.sigma / s.sigma * (sde ? std::exp(-h) : 1.0) : t.alpha / s.alpha;
  c.d0 = -scale * std::expm1(k);
  c.d1 = solver == Solver::heun ? -scale * (std::expm1(k) / k - 1.0) : c.d0 / 2;
  // diffusers' sign of the half for the SDE; the integral itself would have it the other way.
  c.d2 = -scale * ((std::expm1(k) - k) / (k * k) + (sde ? 0.5 : -0.5));
  if (sde) c.noise = t.sigma * std::sqrt(x0 ? -std::expm1(-2 * h) : std::expm1(2 * h));
  return c;
}

void check_final_sigmas(const SchedulerConfig& config) {
  if (!predicts_x0(config.algorithm_type) && config.final_sigmas_type == FinalSigmas::zero) {
    throw UsageError(
        "algorithm_type dpmsolver cannot end at sigma 0: final_sigmas_type must be sigma_min");
  }
}

}  // namespace velatura::samplers
