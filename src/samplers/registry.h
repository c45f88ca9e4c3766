#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "samplers/sampler_setting.h"
#include "velatura/request.h"

namespace velatura::samplers {

/// A sampler, its names, and how to make its plan.
struct SamplerRow {
  Sampler sampler;
  std::string_view name;                  ///< canonical
  std::string_view label;                 ///< as web UIs write it
  std::string_view scheduler;             ///< the diffusers class whose config it speaks
  std::vector<std::string_view> aliases;  ///< k-diffusion's and other names; class names too
  std::string_view description;           ///< one line
  Plan (*plan)(const SamplerSetting&);
  bool takes_eta = false;
  bool of_k_diffusion = false;  ///< web UIs give it k-diffusion's noise levels
};

/// Every sampler, in the order to show them.
std::span<const SamplerRow> sampler_rows();

const SamplerRow& sampler_row(Sampler sampler);

}  // namespace velatura::samplers
