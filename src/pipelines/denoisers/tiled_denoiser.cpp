#include "pipelines/denoisers/tiled_denoiser.h"

#include <ATen/core/Tensor.h>

#include <utility>

namespace velatura::pipelines {
namespace {

// How often the first call is made: before there is a call whose statistics it can go by.
constexpr int kFirstRounds = 2;

}  // namespace

TiledDenoiser::TiledDenoiser(std::unique_ptr<Denoiser> inner, Tiling tiling,
                             std::unique_ptr<TileStatistics> statistics)
    : inner_(std::move(inner)), tiling_(tiling), statistics_(std::move(statistics)) {}

at::Tensor TiledDenoiser::predict(const DenoiseCall& call) const {
  const at::Tensor& x = call.latents;
  if (!map_) {
    map_.emplace(x.size(2), x.size(3), tiling_, Ratio{}, x.device());
    for (int round = 1; statistics_ && round < kFirstRounds; ++round) predict_once(call);
  }
  return predict_once(call);
}

at::Tensor TiledDenoiser::predict_once(const DenoiseCall& call) const {
  at::Tensor predicted = map_->run(call.latents, [&](const at::Tensor& tile, const Region& place,
                                                     const at::Tensor& share) {
    DenoiseCall of_tile = with_latents(call, tile);
    of_tile.region = {call.region.x + place.x, call.region.y + place.y, place.width, place.height};
    of_tile.tile = {statistics_.get(), share};
    return inner_->predict(of_tile);
  });
  if (statistics_) statistics_->finish_round();
  return predicted;
}

}  // namespace velatura::pipelines
