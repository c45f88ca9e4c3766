#include "samplers/make_plan.h"

#include <algorithm>

#include "core/text.h"
#include "samplers/lambda_sampler.h"
#include "samplers/names.h"
#include "samplers/registry.h"
#include "samplers/scheduler_class.h"
#include "velatura/error.h"

namespace velatura::samplers {
namespace {

std::string class_name(const ModelScheduler& model) {
  const auto found = model.config.find("_class_name");
  if (found == model.config.end() || !found->is_string()) {
    throw InputError(model.where + ": _class_name is missing, so the scheduler is not known");
  }
  return found->get<std::string>();
}

Sampler own_sampler(const ModelScheduler& model) {
  const std::string name = class_name(model);
  const auto row = std::ranges::find(sampler_rows(), name, &SamplerRow::scheduler);
  if (row == sampler_rows().end()) {
    throw InputError(model.where + ": _class_name is " + name +
                     ", which velatura does not have; choose a sampler");
  }
  if (row->sampler == Sampler::dpmpp_2m &&
      model.config.value("algorithm_type", "").starts_with("sde-")) {
    return Sampler::dpmpp_2m_sde;
  }
  return row->sampler;
}

[[noreturn]] void refuse(const SamplerRow& row, std::string_view what) {
  throw UsageError("sampler " + std::string(row.name) + " has no " + std::string(what));
}

void apply(const SamplerOptions& options, const SamplerRow& row, const SchedulerClass& scheduler,
           SchedulerConfig& config) {
  if (options.schedule == Schedule::sgm_uniform) {
    if (!scheduler.reads("timestep_spacing")) refuse(row, "timestep spacing, so no sgm_uniform");
    if (options.timestep_spacing.value_or(TimestepSpacing::trailing) != TimestepSpacing::trailing) {
      throw UsageError("schedule sgm_uniform is timestep spacing trailing, not " +
                       std::string(name_of(*options.timestep_spacing)));
    }
    config.schedule = Schedule::standard;
    config.timestep_spacing = TimestepSpacing::trailing;
  } else if (options.schedule) {
    if (*options.schedule != Schedule::standard && !scheduler.reads("use_karras_sigmas")) {
      refuse(row, "schedule " + std::string(name_of(*options.schedule)));
    }
    config.schedule = *options.schedule;
  }
  if (options.timestep_spacing) {
    if (!scheduler.reads("timestep_spacing")) refuse(row, "timestep spacing");
    config.timestep_spacing = *options.timestep_spacing;
  }
  if (options.prediction) config.prediction_type = *options.prediction;
  if (config.prediction_type == Prediction::sample && !scheduler.predicts_sample) {
    refuse(row, "sample prediction");
  }
  if (options.eta != 0.0 && !row.takes_eta) refuse(row, "eta");
  if (!(options.eta >= 0.0 && options.eta <= 1.0)) throw UsageError("eta is not within 0 … 1");
}

}  // namespace

SamplerChoice choose_sampler(const ModelScheduler& model, const SamplerOptions& options) {
  if (!model.config.is_object()) throw InputError(model.where + ": not a JSON object");
  nlohmann::json json = model.config;
  for (const auto& [key, value] : model.rewrites.items()) {
    if (!options.sampler || json.contains(key)) json[key] = value;
  }
  const SamplerRow& row = sampler_row(options.sampler ? *options.sampler : own_sampler(model));
  const SchedulerClass& scheduler = *find_scheduler_class(row.scheduler);
  ConfigObject object(model.where, std::move(json));
  SamplerChoice choice{row.sampler, read_scheduler_config(object, scheduler), options.eta};

  // 2M and 2M SDE are one class; the name decides.
  Algorithm& algorithm = choice.config.algorithm_type;
  if (row.sampler == Sampler::dpmpp_2m && is_sde(algorithm)) algorithm = Algorithm::dpmsolver_pp;
  if (row.sampler == Sampler::dpmpp_2m_sde && !is_sde(algorithm)) {
    algorithm = Algorithm::sde_dpmsolver_pp;
  }
  apply(options, row, scheduler, choice.config);
  return choice;
}

Plan make_plan(const SamplerChoice& choice, int steps, int start) {
  if (steps < 1) throw UsageError("steps is " + std::to_string(steps) + ", expected at least 1");
  const SamplerSetting setting{choice.config, make_noise_schedule(choice.config), steps, start,
                               choice.eta};
  return sampler_row(choice.sampler).plan(setting);
}

int start_step(int steps, double strength) {
  const int kept = std::min(static_cast<int>(steps * strength), steps);
  if (kept < 1) {
    throw UsageError("strength " + number_text(strength) + " leaves none of the " +
                     std::to_string(steps) + " steps");
  }
  return steps - kept;
}

}  // namespace velatura::samplers
