#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include "image/resize.h"
#include "pipelines/image_tensor.h"
#include "pipelines/prepare_parts.h"
#include "samplers/make_plan.h"
#include "samplers/noise_schedule.h"
#include "velatura/error.h"

namespace velatura::pipelines {
namespace {

void check(const LatentModel& model, const Upscale& request) {
  check_unet(model, 3, /*class_labels=*/true);
  if (!model.low_res) throw UsageError("this model has no low_res_scheduler: it is no upscaler");
  check_range("noise-level", request.noise_level, 0, model.low_res->max_noise_level);
  if (request.tile != 0) {
    check_range("tile", request.tile, 16, 16384);
    check_range("tile-overlap", request.tile_overlap, 0, request.tile / 2);
  }
  const auto factor = model.codec->factor();
  if (request.image.width < factor || request.image.height < factor) {
    throw InputError("the picture is smaller than " + std::to_string(factor) + "x" +
                     std::to_string(factor) + " pixels");
  }
}

samplers::NoiseLevel low_res_level(const LatentModel& model, int noise_level) {
  const auto choice = samplers::choose_sampler(model.low_res->scheduler,
                                               SamplerOptions{Sampler::ddpm, {}, {}, {}, 0.0});
  return samplers::make_noise_schedule(choice.config).level(noise_level);
}

}  // namespace

// As diffusers' StableDiffusionUpscalePipeline: the latents are as large as the input, which the
// UNet sees noised, and told how much. An input is a pixel for each latent.
Prepared prepare(LatentModel& model, const Upscale& request, Observer&) {
  check(model, request);
  const int factor = static_cast<int>(model.codec->factor());
  const int width = request.image.width / factor * factor;
  const int height = request.image.height / factor * factor;
  const auto device = model.placement.device;
  const auto pixels =
      to_pixels(resize(to_raster(request.image), width, height, Filter::bicubic)).to(device);
  const auto level = low_res_level(model, request.noise_level);
  const std::vector<std::int64_t> shape{model.codec->latent_channels(), height, width};
  std::optional<Tiling> tiling;
  if (const Tiling tiles{request.tile, request.tile_overlap};
      request.tile != 0 && tiles.applies_to(height, width)) {
    tiling = tiles;
  }
  return {.width = width * factor,
          .height = height * factor,
          .scheduler_rewrites = model.traits.scheduler_rewrites.upscale,
          .class_label = request.noise_level,
          .tiling = tiling,
          .batch = [=](BatchNoise& noise, const samplers::Plan& plan) {
            const auto low_res = add_noise(pixels, noise.normal(pixels.sizes().slice(1)), level);
            return Batch{.latents = noise.starting(shape) * plan.init_noise_sigma,
                         .channels = low_res};
          }};
}

}  // namespace velatura::pipelines
