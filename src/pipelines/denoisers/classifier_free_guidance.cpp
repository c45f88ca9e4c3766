#include "pipelines/denoisers/classifier_free_guidance.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/lerp.h>

#include <utility>

namespace velatura::pipelines {

ClassifierFreeGuidance::ClassifierFreeGuidance(std::unique_ptr<Denoiser> inner, Guidance guidance,
                                               std::int64_t variance_channels)
    : inner_(std::move(inner)), guidance_(guidance), variance_channels_(variance_channels) {}

at::Tensor ClassifierFreeGuidance::predict(const DenoiseCall& call) const {
  const auto both = with_latents(call, at::cat({call.latents, call.latents}));
  const auto halves = inner_->predict(both).chunk(2);
  if (variance_channels_ == 0) return guided(halves[0], halves[1]);
  const auto predicted = halves[1].size(1) - variance_channels_;
  const auto prediction =
      guided(halves[0].narrow(1, 0, predicted), halves[1].narrow(1, 0, predicted));
  return at::cat({prediction, halves[1].narrow(1, predicted, variance_channels_)}, 1);
}

at::Tensor ClassifierFreeGuidance::guided(const at::Tensor& uncond, const at::Tensor& cond) const {
  const auto [scale, rescale] = guidance_;
  // On a GPU in one kernel.
  const auto towards =
      cond.is_cuda() ? at::lerp(uncond, cond, scale) : uncond + scale * (cond - uncond);
  if (rescale == 0.0) return towards;
  const auto deviation = [](const at::Tensor& x) {
    return x.std(at::IntArrayRef{1, 2, 3}, /*unbiased=*/true, /*keepdim=*/true);
  };
  const auto rescaled = towards * (deviation(cond) / deviation(towards));
  return rescale * rescaled + (1 - rescale) * towards;
}

}  // namespace velatura::pipelines
