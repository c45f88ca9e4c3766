#pragma once

#include "samplers/noise_schedule.h"
#include "samplers/plan.h"
#include "samplers/scheduler_config.h"

namespace velatura::samplers {

/// What a sampler is given to make its plan.
struct SamplerSetting {
  SchedulerConfig config;
  NoiseSchedule schedule;
  int steps = 50;    ///< as asked for
  int start = 0;     ///< steps left out at the beginning (img2img), 0 … steps - 1
  double eta = 0.0;  ///< ddim, tcd
};

// One file each, with its ancestral form. Every one throws UsageError for what its algorithm cannot do.
Plan ddim(const SamplerSetting& setting);
Plan ddpm(const SamplerSetting& setting);
Plan pndm(const SamplerSetting& setting);
Plan lcm(const SamplerSetting& setting);
Plan tcd(const SamplerSetting& setting);
Plan euler(const SamplerSetting& setting);
Plan euler_a(const SamplerSetting& setting);
Plan heun(const SamplerSetting& setting);
Plan lms(const SamplerSetting& setting);
Plan dpm2(const SamplerSetting& setting);
Plan dpm2_a(const SamplerSetting& setting);
Plan dpmpp_2m(const SamplerSetting& setting);
Plan dpmpp_2s(const SamplerSetting& setting);
Plan unipc(const SamplerSetting& setting);
Plan deis(const SamplerSetting& setting);
Plan dpmpp_2s_a(const SamplerSetting& setting);
Plan dpmpp_sde(const SamplerSetting& setting);
Plan dpmpp_3m_sde(const SamplerSetting& setting);

}  // namespace velatura::samplers
