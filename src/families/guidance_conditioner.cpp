#include "families/guidance_conditioner.h"

#include <ATen/ATen.h>

#include <cmath>
#include <utility>

namespace velatura::families {
namespace {

// As diffusers' get_guidance_scale_embedding, the sines first. @return [1, width]
at::Tensor waves_of(double guidance, std::int64_t width, const at::TensorOptions& options) {
  const std::int64_t half = width / 2;
  // In diffusers' roundings, which large angles make much of.
  const float exponent = -(std::log(10000.0F) / static_cast<float>(half - 1));
  const auto in_float = options.dtype(at::kFloat);
  const auto frequencies = at::exp(at::arange(half, in_float) * exponent);
  const auto angles = at::full({1, 1}, guidance - 1.0, in_float) * 1000.0 * frequencies;
  auto waves = at::cat({angles.sin(), angles.cos()}, 1);
  if (width % 2 == 1) waves = at::constant_pad_nd(waves, {0, 1});
  return waves.to(options);
}

}  // namespace

pipelines::PromptConditioning GuidanceConditioner::encode(const PictureRequest& request,
                                                          const pipelines::PictureFrame& frame,
                                                          Progress progress, Observer& observer) {
  PictureRequest unguided = request;
  unguided.guidance_scale = 1.0;
  auto conditioning = inner_->encode(unguided, frame, progress, observer);
  const auto& context = conditioning.prompt.context;
  if (context.defined())
    conditioning.prompt.guidance =
        waves_of(request.guidance_scale.value(), width_, context.options());
  return conditioning;
}

std::unique_ptr<pipelines::Conditioner> with_guidance(std::unique_ptr<pipelines::Conditioner> inner,
                                                      std::int64_t time_cond_proj_dim) {
  if (time_cond_proj_dim == 0) return inner;
  return std::make_unique<GuidanceConditioner>(std::move(inner), time_cond_proj_dim);
}

}  // namespace velatura::families
