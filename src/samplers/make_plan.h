#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "samplers/plan.h"
#include "samplers/scheduler_config.h"
#include "velatura/request.h"

namespace velatura::samplers {

/// A model's scheduler_config.json, and what its pipeline writes over it: diffusers' txt2img and
/// img2img pipelines force {"steps_offset": 1, "clip_sample": false}, for example.
struct ModelScheduler {
  std::string where;      ///< the file, for messages
  nlohmann::json config;  ///< the file's object
  nlohmann::json rewrites = nlohmann::json::object();
};

/// A sampler with everything settled but the number of steps.
struct SamplerChoice {
  Sampler sampler;
  SchedulerConfig config;
  double eta = 0.0;
};

/// Settles the sampler: options.sampler, else that of the model's scheduler class; its config is
/// `XScheduler.from_config(pipe.scheduler.config)`. A rewrite of a key the file does not have holds
/// for the model's own scheduler only, as in diffusers, where another class then assumes its own
/// default.
/// @throws InputError for a config that is wrong or not supported, UsageError for options the
/// sampler does not have
SamplerChoice choose_sampler(const ModelScheduler& model, const SamplerOptions& options);

/// @param steps  1 … 1000
/// @param start  steps left out at the beginning, 0 … steps - 1; see start_step()
/// @throws UsageError where the sampler cannot do with so many steps
Plan make_plan(const SamplerChoice& choice, int steps, int start = 0);

/// The steps img2img leaves out. @param strength 0 … 1: how much of the noise is put back
/// @throws UsageError if no step is left
int start_step(int steps, double strength);

}  // namespace velatura::samplers
