#include "pipelines/joined_batch.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>

#include <algorithm>
#include <vector>

namespace velatura::pipelines {
namespace {

at::Tensor concatenated(std::span<const Batch> parts, at::Tensor Batch::*member) {
  std::vector<at::Tensor> tensors;
  for (const Batch& part : parts) tensors.push_back(part.*member);
  return at::cat(tensors);
}

}  // namespace

Batch join(std::span<const Batch> parts) {
  Batch joined{.latents = concatenated(parts, &Batch::latents)};
  if (parts.front().channels.defined()) joined.channels = concatenated(parts, &Batch::channels);
  if (std::ranges::none_of(parts, [](const Batch& part) { return bool(part.after_step); })) {
    return joined;
  }
  std::vector<std::int64_t> counts;
  std::vector<decltype(Batch::after_step)> followers;
  for (const Batch& part : parts) {
    counts.push_back(part.latents.size(0));
    followers.push_back(part.after_step);
  }
  joined.after_step = [=](std::size_t step, at::Tensor& latents) {
    auto rows = latents.split_with_sizes(counts);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (followers[i]) followers[i](step, rows[i]);
    }
    latents = at::cat(rows);
  };
  return joined;
}

}  // namespace velatura::pipelines
