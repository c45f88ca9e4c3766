#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace velatura {

enum class Sampler {
  ddim,
  pndm,
  euler,
  euler_a,
  heun,
  lms,
  dpm2,
  dpm2_a,
  dpmpp_2m,
  dpmpp_2m_sde,
  dpmpp_2s,
  dpmpp_2s_a,
  dpmpp_sde,
  dpmpp_3m_sde,
  unipc,
  deis,
  lcm,
  tcd,
  ddpm,
};

/// How the noise levels of the steps are chosen.
enum class Schedule { standard, karras, exponential, beta, sgm_uniform, ays };

/// Which of the training timesteps are visited.
enum class TimestepSpacing { leading, trailing, linspace };

/// What the model's output means.
enum class Prediction { epsilon, v_prediction, sample };

/// What is left out comes from the model's scheduler_config.json.
struct SamplerOptions {
  std::optional<Sampler> sampler;
  std::optional<Schedule> schedule;
  std::optional<TimestepSpacing> timestep_spacing;
  std::optional<Prediction> prediction;
  double eta = 0.0;  ///< DDIM and TCD: share of fresh noise a step, 0 … 1
};

/// Latents as they travel in and out of files: float32, [B, C, h, w], row-major.
struct Latents {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// Text to image.
struct TextToImage {
  std::string prompt;
  std::string negative_prompt;
  std::optional<int> width;     ///< pixels, a multiple of the VAE factor; the model's own if absent
  std::optional<int> height;    ///< as width
  int steps = 50;               ///< denoising steps, 1 … 1000
  double guidance_scale = 7.5;  ///< classifier-free guidance (Ho & Salimans 2022); <= 1 is off
  double guidance_rescale = 0.0;  ///< Lin et al. 2023, §3.4; 0 is off
  SamplerOptions sampling;
  int clip_skip = 0;       ///< text-encoder layers left out at the end, as in diffusers
  std::uint64_t seed = 0;  ///< picture i uses seed + i
  int num_images = 1;
  int batch_size = 1;              ///< pictures denoised together
  std::optional<Latents> latents;  ///< starting noise, before the sampler's initial sigma
};

/// One task with everything it needs; one alternative a task.
using Request = std::variant<TextToImage>;

}  // namespace velatura
