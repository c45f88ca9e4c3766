#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "pipelines/denoisers/denoiser.h"

namespace velatura::pipelines {

/// Takes every call and predicts nothing.
class RecordingDenoiser : public Denoiser {
 public:
  explicit RecordingDenoiser(std::vector<DenoiseCall>& calls) : calls_(calls) {}
  at::Tensor predict(const DenoiseCall& call) const override {
    calls_.push_back(call);
    return at::zeros_like(call.latents);
  }

 private:
  std::vector<DenoiseCall>& calls_;
};

}  // namespace velatura::pipelines
