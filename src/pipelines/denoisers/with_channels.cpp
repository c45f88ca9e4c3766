#include "pipelines/denoisers/with_channels.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>

#include <utility>

namespace velatura::pipelines {

WithChannels::WithChannels(std::unique_ptr<Denoiser> inner, at::Tensor channels)
    : inner_(std::move(inner)), channels_(std::move(channels)) {}

at::Tensor WithChannels::predict(const DenoiseCall& call) const {
  return inner_->predict(with_latents(call, at::cat({call.latents, channels_}, 1)));
}

}  // namespace velatura::pipelines
