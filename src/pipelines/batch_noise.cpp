#include "pipelines/batch_noise.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/stack.h>

#include <utility>

namespace velatura::pipelines {

BatchNoise::BatchNoise(std::vector<NoiseSource> sources, at::Device device, at::Tensor given)
    : sources_(std::move(sources)), device_(device), given_(std::move(given)) {}

at::Tensor BatchNoise::normal(at::IntArrayRef shape) {
  std::vector<at::Tensor> noise;
  noise.reserve(sources_.size());
  for (auto& source : sources_) noise.push_back(source.normal(shape));
  return at::stack(noise).to(device_);
}

at::Tensor BatchNoise::starting(at::IntArrayRef shape) {
  return given_.defined() ? given_.to(device_) : normal(shape);
}

}  // namespace velatura::pipelines
