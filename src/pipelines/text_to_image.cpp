#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include "pipelines/prepare_parts.h"

#include "velatura/error.h"

namespace velatura::pipelines {
namespace {

// Pictures that begin as noise.
Prepared from_noise(const LatentModel& model, const Size& size) {
  const auto shape = model.codec->latent_shape(size.height, size.width);
  return {.width = size.width,
          .height = size.height,
          .scheduler_rewrites = model.traits.scheduler_rewrites.text_to_image,
          .batch = [shape](BatchNoise& noise, const samplers::Plan& plan) {
            return Batch{.latents = noise.starting(shape) * plan.init_noise_sigma};
          }};
}

}  // namespace

// As diffusers' StableDiffusionPipeline.
Prepared prepare(LatentModel& model, const TextToImage& request, Observer&) {
  check_unet(model, 0);
  return from_noise(model, settle_size(model, request.width, request.height));
}

Prepared prepare(LatentModel& model, const Variations& request, Observer&) {
  if (model.prior == nullptr) {
    throw UsageError(
        "this model sees no pictures: variations goes with Kandinsky's, others have img2img");
  }
  check_unet(model, 0);
  Prepared prepared = from_noise(model, settle_size(model, request.width, request.height));
  prepared.shown = &request.image;
  return prepared;
}

}  // namespace velatura::pipelines
