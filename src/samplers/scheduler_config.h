#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "velatura/request.h"

namespace velatura::samplers {

enum class BetaSchedule { linear, scaled_linear, squaredcos_cap_v2 };
enum class FinalSigmas { zero, sigma_min };
enum class Algorithm { dpmsolver, dpmsolver_pp, sde_dpmsolver, sde_dpmsolver_pp };
enum class Solver { midpoint, heun, bh1, bh2, logrho };
enum class Variance { fixed_small, fixed_small_log, fixed_large, learned_range };

/// What a diffusers scheduler_config.json says, under its keys' names. A scheduler class reads only
/// some of them (see scheduler_class.h); the others keep the values here.
struct SchedulerConfig {
  // The forward process.
  int num_train_timesteps = 1000;
  double beta_start = 0.0001;
  double beta_end = 0.02;
  BetaSchedule beta_schedule = BetaSchedule::linear;
  std::vector<double> trained_betas;    ///< empty: from beta_start and beta_end
  bool rescale_betas_zero_snr = false;  ///< Lin et al. 2023, §3.1

  // The timesteps and noise levels visited.
  TimestepSpacing timestep_spacing = TimestepSpacing::linspace;
  int steps_offset = 0;
  Schedule schedule = Schedule::standard;  ///< from use_karras_sigmas and its siblings
  std::optional<double> sigma_min;
  std::optional<double> sigma_max;
  FinalSigmas final_sigmas_type = FinalSigmas::zero;
  bool set_alpha_to_one = false;
  double lambda_min_clipped = -std::numeric_limits<double>::infinity();
  int original_inference_steps = 50;

  // The model's output.
  Prediction prediction_type = Prediction::epsilon;
  bool clip_sample = false;
  double clip_sample_range = 1.0;
  bool thresholding = false;
  double dynamic_thresholding_ratio = 0.995;
  double sample_max_value = 1.0;

  // The solver.
  bool skip_prk_steps = true;
  int solver_order = 2;
  Algorithm algorithm_type = Algorithm::dpmsolver_pp;
  Solver solver_type = Solver::midpoint;
  bool lower_order_final = true;
  bool euler_at_final = false;
  bool predict_x0 = true;
  std::vector<int> disable_corrector;
  Variance variance_type = Variance::fixed_small;
  double timestep_scaling = 10.0;
};

}  // namespace velatura::samplers
