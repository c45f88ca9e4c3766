#include "pipelines/grounded_inpaint.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>

#include <algorithm>
#include <vector>

namespace velatura::pipelines {

GrayImage mask_of_boxes(const LatentModel& model, const Inpaint& request) {
  const Size size = settle_size(model, request.width, request.height);
  const auto factor = static_cast<int>(model.codec->factor());
  // A side in pixels, down to a whole number of latents.
  const auto side = [factor](double share, int pixels) {
    return static_cast<int>(share * (pixels / factor)) * factor;
  };
  GrayImage mask{size.width, size.height, {}};
  mask.values.resize(static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height));
  for (const Grounding& box : request.groundings) {
    for (int y = side(box.top, size.height); y < side(box.bottom, size.height); ++y) {
      const auto row = mask.values.begin() + std::ptrdiff_t{y} * size.width;
      std::fill(row + side(box.left, size.width), row + side(box.right, size.width), 65535);
    }
  }
  return mask;
}

std::function<Batch(BatchNoise& noise, const samplers::Plan& plan)> grounded_batch(
    const LatentModel& model, const Posterior& scene, const at::Tensor& hole, bool from_noise) {
  return [=, &model](BatchNoise& noise, const samplers::Plan& plan) {
    const auto clean = draw_latents(model, scene, noise);
    const auto shape = clean.sizes().slice(1);
    const auto keep = 1 - hole;
    const auto begin = noise.starting(shape);
    std::vector<at::Tensor> known;  // before each step
    for (const samplers::Step& step : plan.steps) {
      known.push_back(keep * add_noise(clean, noise.normal(shape), step.level));
    }
    const auto first = from_noise ? begin * plan.init_noise_sigma
                                  : add_noise(clean, begin, plan.steps.front().level);
    Batch batch{.latents = known.front() + hole * first};
    batch.channels = at::cat({clean * keep, keep.expand({clean.size(0), -1, -1, -1})}, 1);
    batch.after_step = [=](std::size_t step, at::Tensor& latents) {
      if (step + 1 < known.size()) latents = known[step + 1] + hole * latents;
    };
    return batch;
  };
}

}  // namespace velatura::pipelines
