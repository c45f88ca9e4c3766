#include "pipelines/batch_noise.h"

#include <ATen/ATen.h>

namespace velatura::pipelines {

BatchNoise::BatchNoise(const PictureRequest& request, int first, int count, at::Device device)
    : given_(request.latents), first_(first), device_(device) {
  for (int i = first; i < first + count; ++i) {
    sources_.emplace_back(request.seed + static_cast<std::uint64_t>(i));
  }
}

at::Tensor BatchNoise::normal(at::IntArrayRef shape) {
  std::vector<at::Tensor> noise;
  noise.reserve(sources_.size());
  for (auto& source : sources_) noise.push_back(source.normal(shape));
  return at::stack(noise).to(device_);
}

at::Tensor BatchNoise::starting(at::IntArrayRef shape) {
  if (!given_) return normal(shape);
  const auto all =
      at::from_blob(const_cast<float*>(given_->values.data()), given_->shape, at::kFloat);
  const auto count = static_cast<std::int64_t>(sources_.size());
  return all.narrow(0, first_, count).to(device_, at::kFloat, false, /*copy=*/true);
}

}  // namespace velatura::pipelines
