#pragma once

#include <functional>

#include "pipelines/prepared.h"

namespace velatura::pipelines {

/// @throws UsageError for what of a request such a model's inpainting has no use for
void check_grown(const Inpaint& request);

/// What is painted anew, and the latents right of it, left of it, above and below it, above and left,
/// below and right, which diffusers' Kandinsky…InpaintPipelines paint with it.
/// @param hole [1, 1, h, w] 0 or 1
at::Tensor grown(const at::Tensor& hole);

/// Where the pictures of such an inpainting begin; see GrownInpainting.
/// @param scene  the whole picture  @param hole  [1, 1, h, w] 1 where is repainted
std::function<Batch(BatchNoise& noise, const samplers::Plan& plan)> grown_batch(
    const LatentModel& model, const Posterior& scene, const at::Tensor& hole, bool pastes);

}  // namespace velatura::pipelines
