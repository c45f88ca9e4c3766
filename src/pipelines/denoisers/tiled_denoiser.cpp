#include "pipelines/denoisers/tiled_denoiser.h"

#include <ATen/core/Tensor.h>

#include <utility>

namespace velatura::pipelines {

TiledDenoiser::TiledDenoiser(std::unique_ptr<Denoiser> inner, Tiling tiling)
    : inner_(std::move(inner)), tiling_(tiling) {}

at::Tensor TiledDenoiser::predict(const DenoiseCall& call) const {
  const at::Tensor& x = call.latents;
  if (!map_) map_.emplace(x.size(2), x.size(3), tiling_, Ratio{}, x.device());
  return map_->run(x, [&](const at::Tensor& tile, const Region& place) {
    DenoiseCall of_tile = with_latents(call, tile);
    of_tile.region = {call.region.x + place.x, call.region.y + place.y, place.width, place.height};
    return inner_->predict(of_tile);
  });
}

}  // namespace velatura::pipelines
