#include "samplers/names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "core/text.h"
#include "samplers/registry.h"
#include "velatura/error.h"

namespace velatura::samplers {
namespace {

constexpr auto kSchedules = std::to_array<Named<Schedule>>({
    {Schedule::standard, "default", "Automatic", "the sampler's own noise levels"},
    {Schedule::karras, "karras", "Karras", "evenly spaced in sigma^(1/7) (Karras et al. 2022)"},
    {Schedule::exponential, "exponential", "Exponential", "evenly spaced in log sigma"},
    {Schedule::beta, "beta", "Beta", "quantiles of Beta(0.6, 0.6): many steps at both ends"},
    {Schedule::sgm_uniform, "sgm_uniform", "SGM Uniform", "the same as trailing timestep spacing"},
    {Schedule::ays, "ays", "Align Your Steps", "levels optimised for SD 1.x and few steps"},
});

constexpr auto kSpacings = std::to_array<Named<TimestepSpacing>>({
    {TimestepSpacing::leading, "leading", "Leading",
     "0, n, 2n, …; the last timesteps are left out"},
    {TimestepSpacing::trailing, "trailing", "Trailing", "counted down from the last timestep"},
    {TimestepSpacing::linspace, "linspace", "Linspace", "from the first to the last timestep"},
});

constexpr auto kPredictions = std::to_array<Named<Prediction>>({
    {Prediction::epsilon, "epsilon", "epsilon", "the noise"},
    {Prediction::v_prediction, "v_prediction", "v", "the velocity (Salimans & Ho 2022)"},
    {Prediction::sample, "sample", "sample", "the denoised latents"},
});

template <class Enum>
const Named<Enum>& row_of(Enum value, std::span<const Named<Enum>> table) {
  return *std::ranges::find(table, value, &Named<Enum>::value);
}

// @param field  that the text is for
[[noreturn]] void unknown(const std::string& field, std::string_view text,
                          const std::vector<std::string>& names) {
  std::string message = field + " " + (text.empty() ? "''" : std::string(text)) + ": expected ";
  for (const std::string& name : names) {
    if (&name != &names.front()) message += &name == &names.back() ? " or " : ", ";
    message += name;
  }
  const std::string near = nearest(text, names);
  throw UsageError(message + (near.empty() ? "" : ", did you mean '" + near + "'?"), {field});
}

template <class Enum>
std::optional<Enum> find(std::string_view plain, std::span<const Named<Enum>> table) {
  for (const Named<Enum>& row : table) {
    if (plain == plain_name(row.name) || plain == plain_name(row.label)) return row.value;
  }
  return {};
}

template <class Enum>
Enum parse(const char* field, std::string_view text, std::span<const Named<Enum>> table) {
  if (const auto found = find(plain_name(text), table)) return *found;
  std::vector<std::string> names;
  for (const Named<Enum>& row : table) names.emplace_back(row.name);
  unknown(field, text, names);
}

// A diffusers class, "Scheduler" left out or not, names the first sampler that speaks its config;
// k-diffusion's functions begin with "sample_", their CompVis options with "k_".
const SamplerRow* find_sampler(std::string_view plain) {
  for (const std::string_view prefix : {"", "sample", "k"}) {
    if (!plain.starts_with(prefix)) continue;
    const auto is = [rest = plain.substr(prefix.size())](std::string_view name) {
      return rest == plain_name(name);
    };
    for (const SamplerRow& row : sampler_rows()) {
      if (is(row.name) || is(row.label) || std::ranges::any_of(row.aliases, is)) return &row;
    }
  }
  for (const SamplerRow& row : sampler_rows()) {
    const std::string scheduler = plain_name(row.scheduler);
    if (plain == scheduler || std::string(plain) + "scheduler" == scheduler) return &row;
  }
  return nullptr;
}

}  // namespace

std::string plain_name(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (std::isalnum(c)) plain += static_cast<char>(std::tolower(c));
    if (text.substr(i, 2) == "++") plain += "pp";
  }
  return plain;
}

std::span<const Named<Schedule>> schedules() {
  return kSchedules;
}
std::span<const Named<TimestepSpacing>> timestep_spacings() {
  return kSpacings;
}
std::span<const Named<Prediction>> predictions() {
  return kPredictions;
}

std::string_view name_of(Sampler value) {
  return sampler_row(value).name;
}
std::string_view name_of(Schedule value) {
  return row_of(value, schedules()).name;
}
std::string_view name_of(TimestepSpacing value) {
  return row_of(value, timestep_spacings()).name;
}
std::string_view name_of(Prediction value) {
  return row_of(value, predictions()).name;
}

std::string_view label_of(Sampler value) {
  return sampler_row(value).label;
}
std::string_view label_of(Schedule value) {
  return row_of(value, schedules()).label;
}

Schedule parse_schedule(std::string_view text) {
  return parse("schedule", text, schedules());
}
TimestepSpacing parse_timestep_spacing(std::string_view text) {
  return parse("timestep-spacing", text, timestep_spacings());
}
Prediction parse_prediction(std::string_view text) {
  return parse("prediction", text, predictions());
}

ParsedSampler parse_sampler(std::string_view text) {
  const std::string plain = plain_name(text);
  if (const SamplerRow* row = find_sampler(plain)) return {row->sampler, {}};
  for (const Named<Schedule>& schedule : schedules()) {
    for (const std::string& suffix : {plain_name(schedule.name), plain_name(schedule.label)}) {
      if (!plain.ends_with(suffix)) continue;
      const SamplerRow* row =
          find_sampler(std::string_view(plain).substr(0, plain.size() - suffix.size()));
      if (row) return {row->sampler, schedule.value};
    }
  }
  std::vector<std::string> names;
  for (const SamplerRow& row : sampler_rows()) names.emplace_back(row.name);
  unknown("sampler", text, names);
}

}  // namespace velatura::samplers
