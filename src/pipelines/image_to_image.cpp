#include <ATen/core/Tensor.h>

#include "image/fit.h"
#include "pipelines/image_tensor.h"
#include "pipelines/prepare_parts.h"

namespace velatura::pipelines {

// As diffusers' StableDiffusionImg2ImgPipeline: the picture's latents, then the noise on them.
Prepared prepare(LatentModel& model, const ImageToImage& request, Observer& observer) {
  check_unet(model, 0);
  const int start = start_of(request.steps, request.strength);
  const Size size = settle_size(model, request.width, request.height, request.image, observer);
  const auto fitted = fit(to_raster(request.image), size.width, size.height, request.fit,
                          model.traits.picture_filter);
  const auto posterior = model.codec->encode(to_pixels(fitted), observer);
  image_encoded(observer);
  const auto level_of = model.traits.picture_level;
  const double strength = request.strength;
  return {.width = size.width,
          .height = size.height,
          .start = start,
          .from_picture = true,
          .scheduler_rewrites = model.traits.scheduler_rewrites.image_to_image,
          .batch = [=, &model](BatchNoise& noise, const samplers::Plan& plan) {
            const auto level = level_of ? level_of(strength) : plan.steps.front().level;
            return Batch{.latents = draw_noised_latents(model, posterior, noise, level)};
          }};
}

}  // namespace velatura::pipelines
