#include "pipelines/grown_inpaint.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/maximum.h>

#include <array>
#include <vector>

#include "pipelines/prepare_parts.h"
#include "velatura/error.h"

namespace velatura::pipelines {
namespace {

/// From a latent to one that is painted with it.
struct Way {
  std::int64_t down, right;
};
constexpr auto kWays = std::to_array<Way>({{-1, 0}, {0, -1}, {-1, -1}, {1, 0}, {0, 1}, {1, 1}});

}  // namespace

void check_grown(const Inpaint& request) {
  if (request.strength == 1.0) return;
  throw UsageError("strength: this model's inpainting begins with noise alone, expected 1",
                   {"strength"});
}

at::Tensor grown(const at::Tensor& hole) {
  const auto height = hole.size(2), width = hole.size(3);
  const auto padded = at::constant_pad_nd(hole, {1, 1, 1, 1});
  at::Tensor all = hole;
  for (const auto& [down, right] : kWays) {
    all = at::maximum(all, padded.narrow(2, 1 - down, height).narrow(3, 1 - right, width));
  }
  return all;
}

std::function<Batch(BatchNoise& noise, const samplers::Plan& plan)> grown_batch(
    const LatentModel& model, const Posterior& scene, const at::Tensor& hole, bool pastes) {
  return [=, &model](BatchNoise& noise, const samplers::Plan& plan) {
    const auto clean = draw_latents(model, scene, noise);
    const auto keep = 1 - grown(hole);
    const auto epsilon = noise.starting(clean.sizes().slice(1)) * plan.init_noise_sigma;
    Batch batch{.latents = epsilon};
    batch.channels = at::cat({clean * keep, keep.expand({clean.size(0), -1, -1, -1})}, 1);
    if (!pastes) return batch;
    std::vector<samplers::NoiseLevel> reached;  // after each step
    for (std::size_t i = 1; i < plan.steps.size(); ++i) reached.push_back(plan.steps[i].level);
    reached.push_back({});
    batch.after_step = [=](std::size_t step, at::Tensor& latents) {
      latents = keep * add_noise(clean, epsilon, reached[step]) + (1 - keep) * latents;
    };
    return batch;
  };
}

}  // namespace velatura::pipelines
