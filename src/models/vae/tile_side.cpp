#include "models/vae/tile_side.h"

namespace velatura::models {
namespace {

constexpr std::int64_t kWholeLatents = 192 * 192;
constexpr std::int64_t kAutomaticTile = 128;  // latents

}  // namespace

std::int64_t vae_tile_side(std::int64_t factor, std::int64_t height, std::int64_t width,
                           std::optional<int> asked) {
  const bool large = height * width > kWholeLatents * factor * factor;
  const std::int64_t side = asked ? *asked : large ? kAutomaticTile * factor : 0;
  return side != 0 && (height > side || width > side) ? side : 0;
}

}  // namespace velatura::models
