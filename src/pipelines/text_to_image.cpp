#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include "pipelines/prepare_parts.h"

namespace velatura::pipelines {

// As diffusers' StableDiffusionPipeline.
Prepared prepare(LatentModel& model, const TextToImage& request, Observer&) {
  check_unet(model, 0);
  const Size size = settle_size(model, request.width, request.height);
  const auto shape = model.codec->latent_shape(size.height, size.width);
  return {.width = size.width,
          .height = size.height,
          .scheduler_rewrites = model.traits.scheduler_rewrites.text_to_image,
          .batch = [shape](BatchNoise& noise, const samplers::Plan& plan) {
            return Batch{.latents = noise.starting(shape) * plan.init_noise_sigma};
          }};
}

}  // namespace velatura::pipelines
