#include "pipelines/denoisers/classifier_free_guidance.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/lerp.h>

#include <utility>

namespace velatura::pipelines {

ClassifierFreeGuidance::ClassifierFreeGuidance(std::unique_ptr<Denoiser> inner, Guidance guidance)
    : inner_(std::move(inner)), guidance_(guidance) {}

at::Tensor ClassifierFreeGuidance::predict(const DenoiseCall& call) const {
  const auto both = with_latents(call, at::cat({call.latents, call.latents}));
  const auto halves = inner_->predict(both).chunk(2);
  const auto &uncond = halves[0], &cond = halves[1];
  const auto [scale, rescale] = guidance_;
  // On a GPU in one kernel.
  const auto guided =
      cond.is_cuda() ? at::lerp(uncond, cond, scale) : uncond + scale * (cond - uncond);
  if (rescale == 0.0) return guided;
  const auto deviation = [](const at::Tensor& x) {
    return x.std(at::IntArrayRef{1, 2, 3}, /*unbiased=*/true, /*keepdim=*/true);
  };
  const auto rescaled = guided * (deviation(cond) / deviation(guided));
  return rescale * rescaled + (1 - rescale) * guided;
}

}  // namespace velatura::pipelines
