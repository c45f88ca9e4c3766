#pragma once

#include <vector>

#include "pipelines/stable_diffusion.h"
#include "velatura/image.h"
#include "velatura/progress.h"

namespace velatura::pipelines {

/// Latents to pictures, one at a time so that memory does not grow with the batch. Where the VAE
/// overflows in half precision it is put into float32 for good, and that is said.
/// @param latents [B, C, h, w] float32, before the VAE's scaling is undone
std::vector<Image> decode_latents(StableDiffusion& model, const at::Tensor& latents,
                                  Progress progress, Observer& observer);

}  // namespace velatura::pipelines
