#include "samplers/registry.h"

#include <algorithm>

namespace velatura::samplers {

std::span<const SamplerRow> sampler_rows() {
  static const std::vector<SamplerRow> rows{
      {Sampler::ddim,
       "ddim",
       "DDIM",
       "DDIMScheduler",
       {"DDIMScheduler"},
       "the classic; deterministic, or stochastic with eta",
       ddim,
       true},
      {Sampler::pndm,
       "pndm",
       "PLMS",
       "PNDMScheduler",
       {"PNDMScheduler", "k_plms"},
       "pseudo linear multistep, the original Stable Diffusion sampler",
       pndm},
      {Sampler::euler,
       "euler",
       "Euler",
       "EulerDiscreteScheduler",
       {"EulerDiscreteScheduler", "EulerDiscrete", "k_euler", "sample_euler"},
       "simple and fast, good from 20 steps",
       euler},
      {Sampler::euler_a,
       "euler_a",
       "Euler a",
       "EulerAncestralDiscreteScheduler",
       {"EulerAncestralDiscreteScheduler", "EulerAncestralDiscrete", "euler_ancestral", "k_euler_a",
        "k_euler_ancestral", "sample_euler_ancestral"},
       "Euler with fresh noise every step; never settles",
       euler_a},
  };
  return rows;
}

const SamplerRow& sampler_row(Sampler sampler) {
  return *std::ranges::find(sampler_rows(), sampler, &SamplerRow::sampler);
}

}  // namespace velatura::samplers
