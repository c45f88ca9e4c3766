#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/upsample_bicubic2d.h>
#include <ATen/ops/where.h>

#include "image/fit.h"
#include "pipelines/image_tensor.h"
#include "pipelines/prepare_parts.h"
#include "velatura/error.h"

namespace velatura::pipelines {
namespace {

// [1, 1, H, W] of any size and scale, larger is nearer.
at::Tensor raw_depth(const LatentModel& model, const DepthToImage& request, const Raster& picture) {
  if (request.depth_map) return to_plane(*request.depth_map).to(model.placement.device);
  if (const auto estimator = model.depth_estimators->at(request.depth_estimator))
    return estimator->estimate(picture);
  throw UsageError("this model has no depth estimator: give depth-estimator or depth-map",
                   {"depth-estimator", "depth-map"});
}

// As the UNet sees it: at the latents' size, -1 (farthest) … 1 (nearest); -1 where depth is
// constant.
at::Tensor normalised_depth(const at::Tensor& depth, at::IntArrayRef size) {
  const auto small = at::upsample_bicubic2d(depth, size, /*align_corners=*/false);
  const auto low = small.min(), range = small.max() - low;
  return 2.0 * (small - low) / at::where(range == 0, 1.0, range) - 1.0;
}

}  // namespace

// As diffusers' StableDiffusionDepth2ImgPipeline.
Prepared prepare(LatentModel& model, const DepthToImage& request, Observer& observer) {
  check_unet(model, 1);
  const int start = start_of(request.steps, request.strength);
  if (request.fit != Fit::stretch && request.depth_map) {
    throw UsageError("depth-map is of the whole picture: it goes with resize stretch only",
                     {"depth-map", "resize"});
  }
  const Size size = settle_size(model, request.width, request.height, request.image, observer);
  const bool resized = request.width || request.height;
  const Raster picture = to_raster(request.image);
  const Raster fitted = fit(picture, size.width, size.height, request.fit, Filter::lanczos);
  const auto depth = raw_depth(model, request, resized ? fitted : picture);
  const auto posterior = model.codec->encode(to_pixels(fitted), observer);
  image_encoded(observer);
  const auto channels = normalised_depth(depth, posterior.mean.sizes().slice(2));
  return {.width = size.width,
          .height = size.height,
          .start = start,
          .from_picture = true,
          .scheduler_rewrites = model.traits.scheduler_rewrites.depth_to_image,
          .batch =
              [&model, posterior, channels](BatchNoise& noise, const samplers::Plan& plan) {
                const auto latents =
                    draw_noised_latents(model, posterior, noise, plan.steps.front().level);
                return Batch{.latents = latents,
                             .channels = channels.expand({latents.size(0), -1, -1, -1})};
              },
          .depth = to_gray_image(depth)};
}

}  // namespace velatura::pipelines
