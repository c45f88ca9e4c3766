#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/upsample_nearest2d.h>

#include <memory>
#include <optional>
#include <utility>

#include "pipelines/grounded_inpaint.h"
#include "pipelines/grown_inpaint.h"
#include "pipelines/image_tensor.h"
#include "pipelines/inpaint_canvas.h"

namespace velatura::pipelines {
namespace {

// What is to be repainted: [1, 1, H, W], 0 or 1.
at::Tensor binary_mask(const Raster& hole) {
  return to_bytes(hole).to(at::kFloat).div(255.0).ge(0.5).to(at::kFloat);
}

}  // namespace

// As diffusers' StableDiffusionInpaintPipeline. Models with channels for it see the mask and what
// is left of the picture; with others the latents outside the mask are set to the picture's after
// every step, at the noise level reached.
Prepared prepare(LatentModel& model, const Inpaint& asked, Observer& observer) {
  std::optional<Inpaint> with_boxes;
  if (asked.mask.values.empty() && asked.extend.empty() && !asked.groundings.empty()) {
    with_boxes = asked;
    with_boxes->mask = mask_of_boxes(model, asked);
  }
  const Inpaint& request = with_boxes ? *with_boxes : asked;
  const auto z = model.codec->latent_channels();
  const auto& grown = model.traits.grown_inpainting;
  const bool sees_mask = grown || model.traits.in_channels != z;
  check_unet(model, sees_mask ? z + 1 : 0);
  const int start = start_of(request.steps, request.strength);
  auto canvas = std::make_shared<const InpaintCanvas>(make_canvas(model, request, observer));

  const auto device = model.placement.device;
  const auto scene = to_pixels(canvas->scene);
  const auto mask = binary_mask(canvas->hole);
  const auto shape = model.codec->latent_shape(canvas->scene.height, canvas->scene.width);
  const auto small_mask =
      at::upsample_nearest2d(mask, at::IntArrayRef(shape).slice(1)).to(device);  // [1, 1, h, w]
  const bool from_noise = request.strength == 1.0;
  const bool grounded = sees_mask && model.traits.grounded;
  if (grown) check_grown(request);
  Posterior picture, rest;
  if (!sees_mask || grounded || grown || !from_noise)
    picture = model.codec->encode(scene, observer);
  if (sees_mask && !grounded && !grown) rest = model.codec->encode(scene * (1 - mask), observer);
  image_encoded(observer);
  const auto finish = [canvas](Image&& painted) { return canvas->finish(std::move(painted)); };
  if (grounded || grown) {
    return {.width = canvas->scene.width,
            .height = canvas->scene.height,
            .start = start,
            .from_picture = true,
            .scheduler_rewrites = model.traits.scheduler_rewrites.inpaint,
            .batch = grown ? grown_batch(model, picture, small_mask, grown->pastes)
                           : grounded_batch(model, picture, small_mask, from_noise),
            .finish = finish};
  }

  return {
      .width = canvas->scene.width,
      .height = canvas->scene.height,
      .start = start,
      .from_picture = true,
      .scheduler_rewrites = model.traits.scheduler_rewrites.inpaint,
      .batch =
          [=, &model](BatchNoise& noise, const samplers::Plan& plan) {
            // The streams are read in diffusers' order: picture, noise, masked picture.
            at::Tensor clean;
            if (picture.mean.defined())
              clean = model.codec->sample_uncentred(picture, noise.normal(shape));
            const auto epsilon = noise.starting(shape);
            const auto more = noise.normal(shape);
            Batch batch;
            batch.latents = from_noise ? epsilon * plan.init_noise_sigma
                                       : add_noise(clean, epsilon, plan.steps.front().level);
            if (sees_mask) {
              const auto count = epsilon.size(0);
              batch.channels = at::cat({small_mask.expand({count, -1, -1, -1}),
                                        model.codec->sample_uncentred(rest, more)},
                                       1);
              return batch;
            }
            std::vector<samplers::NoiseLevel> reached;  // after each step
            for (std::size_t i = 1; i < plan.steps.size(); ++i) {
              reached.push_back(plan.steps[i].level);
            }
            reached.push_back({});
            batch.after_step = [=](std::size_t step, at::Tensor& latents) {
              const auto known = add_noise(clean, epsilon, reached[step]);
              latents = (1 - small_mask) * known + small_mask * latents;
            };
            return batch;
          },
      .finish = finish,
      .whole = canvas->whole ? std::optional<Size>(
                                   {canvas->whole->picture.width, canvas->whole->picture.height})
                             : std::nullopt,
      .frame = [canvas](const Raster& picture) { return canvas->part_of(picture); },
      .hole = std::shared_ptr<const Raster>(canvas, &canvas->hole),
  };
}

}  // namespace velatura::pipelines
