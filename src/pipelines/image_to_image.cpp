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
  const auto fitted =
      fit(to_raster(request.image), size.width, size.height, request.fit, Filter::lanczos);
  const auto posterior = model.codec->encode(to_pixels(fitted), observer);
  image_encoded(observer);
  return {.width = size.width,
          .height = size.height,
          .start = start,
          .from_picture = true,
          .scheduler_rewrites = model.traits.scheduler_rewrites.image_to_image,
          .batch = [&model, posterior](BatchNoise& noise, const samplers::Plan& plan) {
            return Batch{.latents = draw_noised_latents(model, posterior, noise, plan)};
          }};
}

}  // namespace velatura::pipelines
