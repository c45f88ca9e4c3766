#include "pipelines/batch_noise.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>
#include <c10/util/accumulate.h>

#include <algorithm>
#include <utility>

namespace velatura::pipelines {
namespace {

constexpr std::size_t kAheadBytes = 64 << 20;

}  // namespace

BatchNoise::BatchNoise(std::vector<NoiseSource> sources, at::Device device, at::Tensor given)
    : sources_(std::move(sources)), device_(device), given_(std::move(given)) {}

at::Tensor BatchNoise::draw(at::IntArrayRef shape) {
  std::vector<at::Tensor> noise;
  noise.reserve(sources_.size());
  for (auto& source : sources_) noise.push_back(source.normal(shape));
  return at::stack(noise);
}

void BatchNoise::draw_ahead(at::IntArrayRef shape) {
  const auto bytes = sources_.size() * sizeof(float) * c10::multiply_integers(shape);
  const auto count = std::clamp<std::size_t>(kAheadBytes / bytes, 1, expected_);
  expected_ -= count;
  std::vector<std::int64_t> all{static_cast<std::int64_t>(count),
                                static_cast<std::int64_t>(sources_.size())};
  all.insert(all.end(), shape.begin(), shape.end());
  const auto pinned = at::empty(all, at::TensorOptions(at::kFloat).pinned_memory(true));
  for (std::size_t i = 0; i < count; ++i) pinned[static_cast<std::int64_t>(i)].copy_(draw(shape));
  ahead_ = pinned.to(device_, /*non_blocking=*/true).unbind();
  std::ranges::reverse(ahead_);
}

at::Tensor BatchNoise::normal(at::IntArrayRef shape) {
  if (device_.is_cpu()) return draw(shape);
  if (ahead_.empty() && expected_ > 0) draw_ahead(shape);
  if (ahead_.empty()) return draw(shape).to(device_);
  const at::Tensor next = ahead_.back();
  ahead_.pop_back();
  return next;
}

at::Tensor BatchNoise::starting(at::IntArrayRef shape) {
  return given_.defined() ? given_.to(device_) : normal(shape);
}

}  // namespace velatura::pipelines
