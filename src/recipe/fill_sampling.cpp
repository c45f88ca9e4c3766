#include <algorithm>
#include <array>
#include <optional>

#include "recipe/fill.h"
#include "samplers/names.h"
#include "samplers/registry.h"
#include "samplers/scheduler_class.h"
#include "velatura/error.h"

namespace velatura::recipe {
namespace {

/// Noise levels of k-diffusion.
struct Levels {
  std::string_view name;  ///< plain_name() of it
  Schedule schedule;
  std::optional<TimestepSpacing> spacing;
};

constexpr std::array<Levels, 12> kLevels{{
    {"", Schedule::standard, TimestepSpacing::linspace},
    {"automatic", Schedule::standard, TimestepSpacing::linspace},
    {"normal", Schedule::standard, TimestepSpacing::linspace},
    {"uniform", Schedule::standard, TimestepSpacing::linspace},
    {"simple", Schedule::standard, TimestepSpacing::trailing},
    {"ddim", Schedule::standard, TimestepSpacing::leading},
    {"ddimuniform", Schedule::standard, TimestepSpacing::leading},
    {"karras", Schedule::karras, TimestepSpacing::linspace},
    {"exponential", Schedule::exponential, TimestepSpacing::linspace},
    {"beta", Schedule::beta, TimestepSpacing::linspace},
    {"sgmuniform", Schedule::sgm_uniform, std::nullopt},
    {"alignyoursteps", Schedule::ays, std::nullopt},
}};

bool reads(Sampler sampler, std::string_view key) {
  return samplers::find_scheduler_class(samplers::sampler_row(sampler).scheduler)->reads(key);
}

bool takes(Sampler sampler, Schedule schedule) {
  switch (schedule) {
    case Schedule::standard:
      return true;
    case Schedule::sgm_uniform:
      return reads(sampler, "timestep_spacing");
    case Schedule::karras:
    case Schedule::exponential:
    case Schedule::beta:
    case Schedule::ays:
      return reads(sampler, "use_karras_sigmas");
  }
  return false;
}

}  // namespace

std::string set_sampler(Recipe& recipe, const std::string& name) {
  try {
    const samplers::ParsedSampler parsed = samplers::parse_sampler(name);
    set(recipe, "sampler", std::string(samplers::name_of(parsed.sampler)));
    return parsed.schedule ? std::string(samplers::name_of(*parsed.schedule)) : "";
  } catch (const UsageError&) {
    leave_out(recipe, "sampler " + name);
    return "";
  }
}

void set_noise_levels(Recipe& recipe, const std::string& name) {
  const auto levels = std::ranges::find(kLevels, samplers::plain_name(name), &Levels::name);
  const auto option = recipe.find("sampler");
  if (!option || levels == kLevels.end()) {
    if (!name.empty()) leave_out(recipe, "schedule " + name);
    return;
  }
  const Sampler sampler = samplers::parse_sampler(*option).sampler;
  if (takes(sampler, levels->schedule)) {
    set(recipe, "schedule", std::string(samplers::name_of(levels->schedule)));
  } else {
    leave_out(recipe, "schedule " + name + ", which " + *option + " does not take");
  }
  if (levels->schedule == Schedule::beta) {
    leave_out(recipe, "schedule beta: there over timesteps, here over noise levels");
  }
  if (levels->spacing && samplers::sampler_row(sampler).of_k_diffusion) {
    set(recipe, "timestep-spacing", std::string(samplers::name_of(*levels->spacing)));
  }
}

void drop_idle_spacing(Recipe& recipe) {
  const auto row = std::ranges::find(samplers::sampler_rows(), recipe.find("sampler"),
                                     [](const auto& each) { return std::string(each.name); });
  if (row == samplers::sampler_rows().end() || reads(row->sampler, "timestep_spacing")) return;
  std::erase_if(recipe.settings,
                [](const auto& setting) { return setting.first == "timestep-spacing"; });
}

}  // namespace velatura::recipe
