#include "samplers/scheduler_class.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "samplers/names.h"

namespace velatura::samplers {
namespace {

using Keys = std::vector<std::string_view>;

const Keys kForwardProcess{"num_train_timesteps", "beta_start",    "beta_end",
                           "beta_schedule",       "trained_betas", "prediction_type"};
const Keys kClip{"clip_sample", "clip_sample_range"};
const Keys kThresholding{"thresholding", "dynamic_thresholding_ratio", "sample_max_value"};
const Keys kSpacing{"timestep_spacing", "steps_offset"};
const Keys kSchedules{"use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas", "sigma_min",
                      "sigma_max"};
const Keys kZeroSnr{"rescale_betas_zero_snr"};
const Keys kDistilled{"original_inference_steps"};
const Keys kFlow{"use_flow_sigmas", "use_dynamic_shifting"};
const Keys kSolver{"solver_order", "solver_type", "lower_order_final"};

Keys operator+(Keys a, const Keys& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const std::vector<SchedulerClass>& scheduler_classes() {
  static const std::vector<SchedulerClass> classes = [] {
    SchedulerConfig leading;
    leading.timestep_spacing = TimestepSpacing::leading;

    SchedulerConfig ddim = leading;
    ddim.clip_sample = true;
    ddim.set_alpha_to_one = true;

    SchedulerConfig ddpm = leading;
    ddpm.clip_sample = true;

    SchedulerConfig second_order;
    second_order.beta_start = 0.00085;
    second_order.beta_end = 0.012;

    SchedulerConfig distilled = second_order;
    distilled.beta_schedule = BetaSchedule::scaled_linear;
    distilled.set_alpha_to_one = true;

    SchedulerConfig unipc;
    unipc.solver_type = Solver::bh2;

    SchedulerConfig deis;
    deis.solver_type = Solver::logrho;
    deis.final_sigmas_type = FinalSigmas::sigma_min;

    const std::vector all_algorithms{Algorithm::dpmsolver, Algorithm::dpmsolver_pp,
                                     Algorithm::sde_dpmsolver, Algorithm::sde_dpmsolver_pp};
    const std::vector singlestep_algorithms{Algorithm::dpmsolver, Algorithm::dpmsolver_pp,
                                            Algorithm::sde_dpmsolver_pp};
    const std::vector deis_algorithms{Algorithm::dpmsolver, Algorithm::dpmsolver_pp};
    const std::vector dpm_solvers{Solver::midpoint, Solver::heun};

    SchedulerConfig singlestep;
    singlestep.lower_order_final = false;

    return std::vector<SchedulerClass>{
        {"DDIMScheduler", ddim,
         kClip + kThresholding + kSpacing + kZeroSnr + Keys{"set_alpha_to_one"}},
        {"DDPMScheduler", ddpm,
         kClip + kThresholding + kSpacing + kZeroSnr + Keys{"variance_type"}},
        {"PNDMScheduler",
         leading,
         kSpacing + Keys{"set_alpha_to_one", "skip_prk_steps"},
         {},
         {},
         false},
        {"LCMScheduler", distilled,
         kClip + kThresholding + kZeroSnr + kDistilled +
             Keys{"set_alpha_to_one", "timestep_scaling"}},
        {"TCDScheduler", distilled, kZeroSnr + kDistilled + Keys{"set_alpha_to_one"}},
        {"EulerDiscreteScheduler",
         {},
         kSpacing + kSchedules + kZeroSnr +
             Keys{"final_sigmas_type", "interpolation_type", "timestep_type"}},
        {"EulerAncestralDiscreteScheduler", {}, kSpacing + kZeroSnr, {}, {}, false},
        {"HeunDiscreteScheduler", second_order, kClip + kSpacing + kSchedules},
        {"LMSDiscreteScheduler", {}, kSpacing + kSchedules},
        {"KDPM2DiscreteScheduler", second_order, kSpacing + kSchedules, {}, {}, false},
        {"KDPM2AncestralDiscreteScheduler", second_order, kSpacing + kSchedules, {}, {}, false},
        {"DPMSolverMultistepScheduler",
         {},
         kThresholding + kSpacing + kSchedules + kZeroSnr + kSolver + kFlow +
             Keys{"algorithm_type", "final_sigmas_type", "euler_at_final", "lambda_min_clipped",
                  "use_lu_lambdas", "variance_type"},
         dpm_solvers,
         all_algorithms},
        {"DPMSolverSinglestepScheduler", singlestep,
         kThresholding + kSchedules + kSolver + kFlow +
             Keys{"algorithm_type", "final_sigmas_type", "lambda_min_clipped", "variance_type"},
         dpm_solvers, singlestep_algorithms},
        {"UniPCMultistepScheduler",
         unipc,
         kThresholding + kSpacing + kSchedules + kZeroSnr + kSolver + kFlow +
             Keys{"final_sigmas_type", "predict_x0", "disable_corrector", "solver_p",
                  "shift_terminal"},
         {Solver::bh1, Solver::bh2}},
        {"DEISMultistepScheduler",
         deis,
         kThresholding + kSpacing + kSchedules + kSolver + kFlow + Keys{"algorithm_type"},
         {Solver::logrho},
         deis_algorithms},
    };
  }();
  return classes;
}

template <class Enum>
using Choices = std::vector<std::pair<std::string_view, Enum>>;

const Choices<BetaSchedule> kBetaSchedules{{"linear", BetaSchedule::linear},
                                           {"scaled_linear", BetaSchedule::scaled_linear},
                                           {"squaredcos_cap_v2", BetaSchedule::squaredcos_cap_v2}};
const Choices<FinalSigmas> kFinalSigmas{{"zero", FinalSigmas::zero},
                                        {"sigma_min", FinalSigmas::sigma_min}};
const Choices<Variance> kVariances{{"fixed_small", Variance::fixed_small},
                                   {"fixed_small_log", Variance::fixed_small_log},
                                   {"fixed_large", Variance::fixed_large},
                                   {"learned_range", Variance::learned_range}};
const Choices<Solver> kSolvers{{"midpoint", Solver::midpoint},
                               {"heun", Solver::heun},
                               {"bh1", Solver::bh1},
                               {"bh2", Solver::bh2},
                               {"logrho", Solver::logrho}};
const Choices<Algorithm> kAlgorithms{{"dpmsolver", Algorithm::dpmsolver},
                                     {"dpmsolver++", Algorithm::dpmsolver_pp},
                                     {"sde-dpmsolver", Algorithm::sde_dpmsolver},
                                     {"sde-dpmsolver++", Algorithm::sde_dpmsolver_pp},
                                     {"deis", Algorithm::dpmsolver_pp}};

template <class Enum>
Choices<Enum> choices(std::span<const Named<Enum>> table) {
  Choices<Enum> result;
  for (const Named<Enum>& row : table) result.emplace_back(row.name, row.value);
  return result;
}

template <class Enum>
std::string expected(const Choices<Enum>& known) {
  std::string text;
  for (const auto& [name, _] : known) text += (text.empty() ? "one of " : ", ") + std::string(name);
  return text;
}

/// Reads the keys of one class out of a config; those of other classes are passed over.
class Reader {
 public:
  Reader(ConfigObject& json, const SchedulerClass& scheduler)
      : json_(json), scheduler_(scheduler) {}

  template <class T>
  void value(const std::string& key, T& target) {
    if (reads(key)) target = json_.get<T>(key, target);
  }

  void optional(const std::string& key, std::optional<double>& target) {
    if (reads(key) && json_.has(key)) target = json_.require<double>(key);
  }

  void whole(const std::string& key, int& target, int low, int high) {
    value(key, target);
    if (target < low || target > high) {
      json_.reject(key, std::to_string(low) + " to " + std::to_string(high));
    }
  }

  template <class Enum>
  void choice(const std::string& key, const Choices<Enum>& known, Enum& target) {
    if (!reads(key) || !json_.has(key)) return;
    const auto text = json_.require<std::string>(key);
    const auto found = std::ranges::find(known, text, &Choices<Enum>::value_type::first);
    if (found == known.end()) json_.reject(key, expected(known));
    target = found->second;
  }

  void only(const std::string& key, const nlohmann::json& supported) {
    if (reads(key)) json_.only(key, supported);
  }

 private:
  bool reads(const std::string& key) {
    json_.ignore({key});
    return scheduler_.reads(key);
  }

  ConfigObject& json_;
  const SchedulerClass& scheduler_;
};

void read_schedule(Reader& read, ConfigObject& json, SchedulerConfig& config) {
  const std::pair<const char*, Schedule> flags[]{{"use_karras_sigmas", Schedule::karras},
                                                 {"use_exponential_sigmas", Schedule::exponential},
                                                 {"use_beta_sigmas", Schedule::beta}};
  for (const auto& [key, schedule] : flags) {
    bool wanted = false;
    read.value(key, wanted);
    if (!wanted) continue;
    if (config.schedule != Schedule::standard) json.reject(key, "only one schedule at a time");
    config.schedule = schedule;
  }
}

}  // namespace

bool SchedulerClass::reads(std::string_view key) const {
  return std::ranges::find(kForwardProcess, key) != kForwardProcess.end() ||
         std::ranges::find(keys, key) != keys.end();
}

const SchedulerClass* find_scheduler_class(std::string_view name) {
  const auto found = std::ranges::find(scheduler_classes(), name, &SchedulerClass::name);
  return found == scheduler_classes().end() ? nullptr : &*found;
}

SchedulerConfig read_scheduler_config(ConfigObject& json, const SchedulerClass& scheduler) {
  SchedulerConfig config = scheduler.defaults;
  Reader read(json, scheduler);

  read.whole("num_train_timesteps", config.num_train_timesteps, 1, 1'000'000);
  read.value("beta_start", config.beta_start);
  read.value("beta_end", config.beta_end);
  read.choice("beta_schedule", kBetaSchedules, config.beta_schedule);
  read.value("trained_betas", config.trained_betas);
  if (!config.trained_betas.empty() &&
      std::ssize(config.trained_betas) != config.num_train_timesteps) {
    json.reject("trained_betas", "num_train_timesteps numbers");
  }
  read.value("rescale_betas_zero_snr", config.rescale_betas_zero_snr);

  read.choice("timestep_spacing", choices(timestep_spacings()), config.timestep_spacing);
  read.whole("steps_offset", config.steps_offset, 0, config.num_train_timesteps - 1);
  read_schedule(read, json, config);
  read.optional("sigma_min", config.sigma_min);
  read.optional("sigma_max", config.sigma_max);
  read.choice("final_sigmas_type", kFinalSigmas, config.final_sigmas_type);
  read.value("set_alpha_to_one", config.set_alpha_to_one);
  read.value("lambda_min_clipped", config.lambda_min_clipped);
  read.whole("original_inference_steps", config.original_inference_steps, 1,
             config.num_train_timesteps);
  read.only("interpolation_type", "linear");
  read.only("timestep_type", "discrete");
  read.only("use_lu_lambdas", false);
  read.only("use_flow_sigmas", false);
  read.only("use_dynamic_shifting", false);
  read.only("shift_terminal", nullptr);

  read.choice("prediction_type", choices(predictions()), config.prediction_type);
  read.value("clip_sample", config.clip_sample);
  read.value("clip_sample_range", config.clip_sample_range);
  read.value("thresholding", config.thresholding);
  read.value("dynamic_thresholding_ratio", config.dynamic_thresholding_ratio);
  read.value("sample_max_value", config.sample_max_value);
  read.choice("variance_type", kVariances, config.variance_type);

  read.value("skip_prk_steps", config.skip_prk_steps);
  read.whole("solver_order", config.solver_order, 1, 3);
  read.choice("solver_type", kSolvers, config.solver_type);
  if (std::ranges::find(scheduler.solvers, config.solver_type) == scheduler.solvers.end()) {
    config.solver_type = scheduler.defaults.solver_type;
  }
  read.choice("algorithm_type", kAlgorithms, config.algorithm_type);
  if (scheduler.reads("algorithm_type") &&
      std::ranges::find(scheduler.algorithms, config.algorithm_type) ==
          scheduler.algorithms.end()) {
    json.reject("algorithm_type", "one that " + std::string(scheduler.name) + " has");
  }
  read.value("lower_order_final", config.lower_order_final);
  read.value("euler_at_final", config.euler_at_final);
  read.value("predict_x0", config.predict_x0);
  read.value("disable_corrector", config.disable_corrector);
  read.only("solver_p", nullptr);
  read.value("timestep_scaling", config.timestep_scaling);

  json.ignore({"time_shift_type", "flow_shift"});  // of flow matching, refused above
  json.finish();
  return config;
}

}  // namespace velatura::samplers
