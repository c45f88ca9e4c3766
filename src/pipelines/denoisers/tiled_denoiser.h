#pragma once

#include <memory>
#include <optional>

#include "pipelines/denoisers/denoiser.h"
#include "pipelines/tiles.h"

namespace velatura::pipelines {

/// Denoises large latents, all of one size, square by square. Squares share statistics from call to call;
/// since there are none before the first call, that is made twice.
class TiledDenoiser : public Denoiser {
 public:
  /// @param statistics  what the inner denoiser's backbone has squares share; null: nothing
  TiledDenoiser(std::unique_ptr<Denoiser> inner, Tiling tiling,
                std::unique_ptr<TileStatistics> statistics = nullptr);
  at::Tensor predict(const DenoiseCall& call) const override;

 private:
  at::Tensor predict_once(const DenoiseCall& call) const;

  std::unique_ptr<Denoiser> inner_;
  Tiling tiling_;
  std::unique_ptr<TileStatistics> statistics_;  // may be null
  mutable std::optional<TileMap> map_;          // from the first call on
};

}  // namespace velatura::pipelines
