#include <ATen/ATen.h>

#include <cmath>

#include "core/noise_source.h"
#include "samplers/make_plan.h"
#include "samplers/names.h"
#include "samplers/run.h"
#include "selftest/checks.h"
#include "selftest/comparison.h"

namespace velatura::selftest {
namespace {

constexpr int kSteps = 7;
constexpr std::uint64_t kSeed = 20;
constexpr double kSamplerTolerance = 1e-5;

// The latents diffusers' schedulers end with from Stable Diffusion 1's scheduler_config.json and
// the denoiser below: the case "epsilon" of tests/fixtures/samplers.
struct Figures {
  Sampler sampler;
  std::array<float, 3> latents;
};
constexpr auto kFigures = std::to_array<Figures>({
    {Sampler::ddim, {-1.88542116f, -0.118698686f, 2.86404657f}},
    {Sampler::pndm, {-1.65696394f, -0.315828085f, 2.39502954f}},
    {Sampler::euler, {-3.24766278f, 1.94624817f, 3.30205798f}},
    {Sampler::euler_a, {-3.96395779f, -0.667986929f, 0.809343874f}},
    {Sampler::heun, {-1.76937449f, 0.388592154f, 2.65997386f}},
    {Sampler::dpmpp_2m, {-2.25587964f, 1.09262514f, 3.01596642f}},
    {Sampler::unipc, {-2.23150015f, 0.932906568f, 3.05132008f}},
    {Sampler::lcm, {-0.105248444f, -0.4830814f, -0.520832181f}},
});

samplers::ModelScheduler stable_diffusion_1() {
  return {"scheduler_config.json",
          {{"_class_name", "PNDMScheduler"},
           {"beta_end", 0.012},
           {"beta_schedule", "scaled_linear"},
           {"beta_start", 0.00085},
           {"num_train_timesteps", 1000},
           {"set_alpha_to_one", false},
           {"skip_prk_steps", true},
           {"steps_offset", 1},
           {"clip_sample", false}}};
}

at::Tensor denoiser(const at::Tensor& x, double timestep, std::size_t) {
  return 0.6 * x + 0.4 * at::sin(1.3 * x + 0.004 * timestep) + 0.1 * std::cos(0.01 * timestep);
}

at::Tensor final_latents(Sampler sampler, at::Device device) {
  SamplerOptions options;
  options.sampler = sampler;
  const auto plan =
      samplers::make_plan(samplers::choose_sampler(stable_diffusion_1(), options), kSteps);
  NoiseSource source(kSeed);
  const auto noise = [&] { return source.normal({1, 3, 1, 1}); };
  return samplers::run(plan, noise().to(device) * plan.init_noise_sigma, denoiser, noise);
}

}  // namespace

Finding check_samplers(at::Device device) {
  std::string done;
  for (const Figures& figures : kFigures) {
    const std::string name(samplers::name_of(figures.sampler));
    const at::Tensor found = final_latents(figures.sampler, device).flatten();
    const Finding finding =
        compare(found, at::tensor(at::ArrayRef<float>(figures.latents)), kSamplerTolerance);
    if (finding.outcome == Outcome::failed) return failed(name + ": " + finding.detail);
    done += " " + name;
  }
  return passed("end as diffusers':" + done);
}

}  // namespace velatura::selftest
