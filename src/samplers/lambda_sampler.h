#pragma once

#include "samplers/estimate.h"
#include "samplers/sampler_setting.h"
#include "samplers/spacing.h"

namespace velatura::samplers {

/// A point of the probability flow as Lu et al. 2022 write it: latents are alpha * x0 +
/// sigma * epsilon, and time is lambda = log(alpha / sigma).
struct LambdaPoint {
  double alpha;
  double sigma;
  double lambda;
};

/// What samplers written in lambda share.
class LambdaSampler {
 public:
  LambdaSampler(const SamplerSetting& setting, SigmaSteps lambda_steps)
      : config(setting.config),
        start(static_cast<std::size_t>(setting.start)),
        steps_(std::move(lambda_steps)) {}

  std::size_t count() const { return steps_.timesteps.size(); }

  /// @param i  0 … count(); the last is where the run ends, and may have sigma 0
  LambdaPoint point(std::size_t i) const;

  /// Calls the model on the current latents, at point i.
  /// @return x0 (limited if config asks), as one tensor; or epsilon where the solver works with it
  Sum predict(PlanBuilder& plan, std::size_t i, bool x0) const;

  const SchedulerConfig& config;
  const std::size_t start;

 private:
  SigmaSteps steps_;
};

/// The exact and approximate integrals of the exponential integrators, as factors of the latents at
/// `s`, of the prediction there, of its first and second scaled differences, and of fresh noise.
struct SolverCoefficients {
  double x;
  double d0;
  double d1;
  double d2;
  double noise;
};

/// DPM-Solver and DPM-Solver++ (Lu et al. 2022), deterministic and SDE, from point s to t.
SolverCoefficients solver_coefficients(Algorithm algorithm, Solver solver, LambdaPoint s,
                                       LambdaPoint t);

inline bool predicts_x0(Algorithm algorithm) {
  return algorithm == Algorithm::dpmsolver_pp || algorithm == Algorithm::sde_dpmsolver_pp;
}
inline bool is_sde(Algorithm algorithm) {
  return algorithm == Algorithm::sde_dpmsolver || algorithm == Algorithm::sde_dpmsolver_pp;
}

/// @throws UsageError for the noise-predicting solvers, which cannot go to sigma 0
void check_final_sigmas(const SchedulerConfig& config);

}  // namespace velatura::samplers
