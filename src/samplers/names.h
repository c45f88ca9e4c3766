#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "velatura/request.h"

namespace velatura::samplers {

/// One value of an enumeration as people write it.
template <class Enum>
struct Named {
  Enum value;
  std::string_view name;         ///< canonical, as options take it
  std::string_view label;        ///< as web UIs write it
  std::string_view description;  ///< one line
};

std::span<const Named<Schedule>> schedules();
std::span<const Named<TimestepSpacing>> timestep_spacings();
std::span<const Named<Prediction>> predictions();

std::string_view name_of(Sampler value);
std::string_view name_of(Schedule value);
std::string_view name_of(TimestepSpacing value);
std::string_view name_of(Prediction value);

/// Web UIs' names, for the `parameters` block: "DPM++ 2M", "Karras".
std::string_view label_of(Sampler value);
std::string_view label_of(Schedule value);

/// Text to value; case and punctuation are ignored, so "SGM Uniform" is sgm_uniform.
/// @throws UsageError that suggests the nearest name
Schedule parse_schedule(std::string_view text);
TimestepSpacing parse_timestep_spacing(std::string_view text);
Prediction parse_prediction(std::string_view text);

struct ParsedSampler {
  Sampler sampler;
  std::optional<Schedule> schedule;  ///< from a trailing label: "DPM++ 2M Karras"
};

/// Takes canonical names, web UIs' and k-diffusion's names and diffusers class names; case and
/// punctuation are ignored. @throws UsageError that suggests the nearest name
ParsedSampler parse_sampler(std::string_view text);

/// Lower-case letters and digits of a name; "++" counts as "pp".
std::string plain_name(std::string_view text);

}  // namespace velatura::samplers
