#include <ATen/ATen.h>

#include "pipelines/prepare_parts.h"

namespace velatura::pipelines {

// As diffusers' StableDiffusionPipeline.
Prepared prepare(StableDiffusion& model, const TextToImage& request, Observer&) {
  check_unet(model, 0);
  const Size size = settle_size(model, request.width, request.height);
  const auto shape = model.vae.latent_shape(size.height, size.width);
  return {.width = size.width,
          .height = size.height,
          .scheduler_rewrites = {{"steps_offset", 1}, {"clip_sample", false}},
          .batch = [shape](BatchNoise& noise, const samplers::Plan& plan) {
            return Batch{.latents = noise.starting(shape) * plan.init_noise_sigma};
          }};
}

}  // namespace velatura::pipelines
