#pragma once

#include <memory>

#include "pipelines/denoisers/denoiser.h"
#include "pipelines/tiles.h"

namespace velatura::pipelines {

/// Denoises large latents square by square.
class TiledDenoiser : public Denoiser {
 public:
  TiledDenoiser(std::unique_ptr<Denoiser> inner, Tiling tiling);
  at::Tensor predict(const DenoiseCall& call) const override;

 private:
  std::unique_ptr<Denoiser> inner_;
  Tiling tiling_;
};

}  // namespace velatura::pipelines
