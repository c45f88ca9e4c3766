#pragma once

#include <cstdint>
#include <optional>

namespace velatura::models {

/// Side in pixels of the square tiles that a VAE works in on a picture; 0: on the whole.
/// @param factor  of the VAE
/// @param asked   side of the tiles; 0: never; absent: tiles of 128 latents above 192² of them, as
///                attention over more takes most of the time and several gigabytes
std::int64_t vae_tile_side(std::int64_t factor, std::int64_t height, std::int64_t width,
                           std::optional<int> asked);

}  // namespace velatura::models
