#pragma once

#include <string_view>
#include <vector>

#include "core/config_object.h"
#include "samplers/scheduler_config.h"

namespace velatura::samplers {

/// A diffusers scheduler class: what its constructor takes, and what it assumes where a
/// scheduler_config.json is silent.
struct SchedulerClass {
  std::string_view name;
  SchedulerConfig defaults;
  std::vector<std::string_view> keys;  ///< beside those of the forward process
  std::vector<Solver> solvers = {};    ///< solver_type it knows; others' mean its default
  std::vector<Algorithm> algorithms = {};
  bool predicts_sample = true;

  bool reads(std::string_view key) const;
};

/// @return nullptr for a class velatura does not have
const SchedulerClass* find_scheduler_class(std::string_view name);

/// Reads a scheduler_config.json as `XScheduler.from_config` does: keys of other classes are passed
/// over, absent ones have this class's defaults.
/// @throws InputError for a key no class has, and for a value this class cannot work with
SchedulerConfig read_scheduler_config(ConfigObject& json, const SchedulerClass& scheduler);

}  // namespace velatura::samplers
