#pragma once

#include <memory>
#include <optional>

#include "pipelines/denoisers/denoiser.h"
#include "pipelines/tiles.h"

namespace velatura::pipelines {

/// Denoises large latents, all of one size, square by square.
class TiledDenoiser : public Denoiser {
 public:
  TiledDenoiser(std::unique_ptr<Denoiser> inner, Tiling tiling);
  at::Tensor predict(const DenoiseCall& call) const override;

 private:
  std::unique_ptr<Denoiser> inner_;
  Tiling tiling_;
  mutable std::optional<TileMap> map_;  // from the first call on
};

}  // namespace velatura::pipelines
