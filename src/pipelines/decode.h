#pragma once

#include <vector>

#include "pipelines/latent_codec.h"
#include "velatura/image.h"
#include "velatura/progress.h"

namespace velatura::pipelines {

/// Latents to pictures, one at a time so that memory does not grow with the batch.
/// @param latents [B, C, h, w] float32, before the VAE's scaling is undone
std::vector<Image> decode_latents(LatentCodec& codec, const at::Tensor& latents, Progress progress,
                                  Observer& observer);

}  // namespace velatura::pipelines
