#include <array>
#include <optional>

#include "recipe/fill.h"
#include "samplers/names.h"
#include "velatura/error.h"

namespace velatura::recipe {
namespace {

/// Noise levels of k-diffusion.
struct Levels {
  std::string_view name;  ///< plain_name() of it
  Schedule schedule;
  std::optional<TimestepSpacing> spacing;
};

constexpr std::array<Levels, 11> kLevels{{
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
}};

bool is_of_k_diffusion(Sampler sampler) {
  switch (sampler) {
    case Sampler::euler:
    case Sampler::euler_a:
    case Sampler::heun:
    case Sampler::lms:
    case Sampler::dpm2:
    case Sampler::dpm2_a:
    case Sampler::dpmpp_2m:
    case Sampler::dpmpp_2m_sde:
    case Sampler::dpmpp_2s_a:
    case Sampler::dpmpp_sde:
    case Sampler::dpmpp_3m_sde:
      return true;
    default:
      return false;
  }
}

}  // namespace

void set_sampler(Recipe& recipe, const std::string& name) {
  try {
    const samplers::ParsedSampler parsed = samplers::parse_sampler(name);
    set(recipe, "sampler", std::string(samplers::name_of(parsed.sampler)));
    if (parsed.schedule) {
      set(recipe, "schedule", std::string(samplers::name_of(*parsed.schedule)));
    }
  } catch (const UsageError&) {
    leave_out(recipe, "sampler " + name);
  }
}

void set_noise_levels(Recipe& recipe, const std::string& name) {
  const auto sampler = recipe.find("sampler");
  if (!sampler) {
    if (!name.empty()) leave_out(recipe, "schedule " + name);
    return;
  }
  const std::string plain =
      samplers::plain_name(name.empty() ? recipe.find("schedule").value_or("") : name);
  const Sampler used = samplers::parse_sampler(*sampler).sampler;
  const bool spaced = is_of_k_diffusion(used);
  const bool scheduled = spaced || used == Sampler::unipc || used == Sampler::deis;
  for (const Levels& levels : kLevels) {
    if (levels.name != plain) continue;
    if (!scheduled && levels.schedule != Schedule::standard) leave_out(recipe, "schedule " + plain);
    if (levels.schedule == Schedule::beta) {
      leave_out(recipe, "schedule beta: there over timesteps, here over noise levels");
    }
    if (scheduled) set(recipe, "schedule", std::string(samplers::name_of(levels.schedule)));
    if (spaced && levels.spacing) {
      set(recipe, "timestep-spacing", std::string(samplers::name_of(*levels.spacing)));
    }
    return;
  }
  try {
    set(recipe, "schedule", std::string(samplers::name_of(samplers::parse_schedule(name))));
  } catch (const UsageError&) {
    leave_out(recipe, "schedule " + name);
  }
}

}  // namespace velatura::recipe
