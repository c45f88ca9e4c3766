#pragma once

#include <memory>

#include "pipelines/denoisers/denoiser.h"

namespace velatura::pipelines {

/// Shows the inner denoiser more channels behind those of the latents: a mask, a depth map, ….
class WithChannels : public Denoiser {
 public:
  /// @param channels [B, E, h, w] float32
  WithChannels(std::unique_ptr<Denoiser> inner, at::Tensor channels);
  at::Tensor predict(const DenoiseCall& call) const override;

 private:
  std::unique_ptr<Denoiser> inner_;
  at::Tensor channels_;
};

}  // namespace velatura::pipelines
