#pragma once

#include <cstdint>
#include <optional>

#include "inspection/memory_estimate.h"
#include "velatura/request.h"

namespace velatura::inspection {

/// What a request makes at once, as far as memory depends on it. Whether the model can make it is
/// not looked at; a size that nothing says is 0. Where an upscaling's tile is left open, it is what
/// that takes at least.
/// @param batch_size  pictures that may be denoised together, of this request and others like it
PictureWork work_of(const ModelSize& model, const Request& request, int batch_size,
                    std::optional<int> vae_tile);

/// One guided picture of the model's own size.
PictureWork own_work(const ModelSize& model, std::optional<int> vae_tile);

/// The tile for an upscaling that leaves it open: none where the whole picture fits.
/// @param free  bytes of memory, with the model loaded; 0: not known
int upscale_tile(const ModelSize& model, const Upscale& request, int batch_size,
                 std::optional<int> vae_tile, Precision precision, std::uint64_t free);

/// The least that the same can be made with: what a run falls back to where memory runs out.
PictureWork least_work(PictureWork work, std::int64_t vae_factor);

}  // namespace velatura::inspection
