#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include "image/fit.h"
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
  if (const int tile = request.tile.value_or(0); tile != 0) {
    check_range("tile", tile, 16, 16384);
    check_range("tile-overlap", request.tile_overlap, 0, tile / 2);
  }
  const auto factor = model.codec->factor();
  const bool is_tiny = request.image.width < factor || request.image.height < factor;
  if (is_tiny && request.fit != Fit::pad) {
    throw InputError("the picture is smaller than " + std::to_string(factor) + "x" +
                     std::to_string(factor) + " pixels; --resize pad can enlarge it");
  }
}

// With sides that are multiples of the VAE's factor, and no larger than it must be.
Raster fitted(const Upscale& request, int factor, Observer& observer) {
  Raster picture = to_raster(request.image);
  const int over_right = picture.width % factor, over_bottom = picture.height % factor;
  if (over_right == 0 && over_bottom == 0) return picture;
  if (request.fit == Fit::pad) {
    return extend(picture, {.right = (factor - over_right) % factor,
                            .bottom = (factor - over_bottom) % factor});
  }
  const Size size{picture.width - over_right, picture.height - over_bottom};
  warn_of_size(request.image, size, "--resize pad keeps its size", observer);
  return fit(picture, size.width, size.height, request.fit, Filter::bicubic);
}

samplers::NoiseLevel low_res_level(const LatentModel& model, int noise_level) {
  const auto choice = samplers::choose_sampler(model.low_res->scheduler,
                                               SamplerOptions{Sampler::ddpm, {}, {}, {}, 0.0});
  return samplers::make_noise_schedule(choice.config).level(noise_level);
}

}  // namespace

// As diffusers' StableDiffusionUpscalePipeline: the latents are as large as the input, which the
// UNet sees noised, and told how much. An input is a pixel for each latent. Which tile `auto` is has
// been settled before (inspection::upscale_tile()); if not, there is none.
Prepared prepare(LatentModel& model, const Upscale& request, Observer& observer) {
  check(model, request);
  const int factor = static_cast<int>(model.codec->factor());
  const Raster picture = fitted(request, factor, observer);
  const int width = picture.width, height = picture.height;
  const auto device = model.placement.device;
  const auto pixels = to_pixels(picture).to(device);
  const auto level = low_res_level(model, request.noise_level);
  const std::vector<std::int64_t> shape{model.codec->latent_channels(), height, width};
  std::optional<Tiling> tiling;
  if (const Tiling tiles{request.tile.value_or(0), request.tile_overlap};
      tiles.size != 0 && tiles.applies_to(height, width)) {
    tiling = tiles;
  }
  std::optional<Size> cut;
  if (request.fit == Fit::pad)
    cut = Size{request.image.width * factor, request.image.height * factor};
  return {.width = width * factor,
          .height = height * factor,
          .from_picture = true,
          .scheduler_rewrites = model.traits.scheduler_rewrites.upscale,
          .class_label = request.noise_level,
          .tiling = tiling,
          .batch =
              [=](BatchNoise& noise, const samplers::Plan& plan) {
                const auto low_res =
                    add_noise(pixels, noise.normal(pixels.sizes().slice(1)), level);
                return Batch{.latents = noise.starting(shape) * plan.init_noise_sigma,
                             .channels = low_res};
              },
          .cut = cut,
          .whole = cut,
          .frame =
              [width, height, factor](const Raster& whole) {
                return extend(whole, {.right = width * factor - whole.width,
                                      .bottom = height * factor - whole.height});
              }};
}

}  // namespace velatura::pipelines
