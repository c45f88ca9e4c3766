#pragma once

#include "pipelines/inpaint_canvas.h"

namespace velatura::pipelines {

/// The boxes of a request as its mask, on the grid of latents; for requests without any mask.
/// @throws UsageError for sizes that the model cannot make
GrayImage mask_of_boxes(const LatentModel& model, const Inpaint& request);

/// Where the pictures of an inpainting by GLIGEN's own models begin, as diffusers'
/// StableDiffusionGLIGENPipeline with gligen_inpaint_image: the UNet sees the picture's latents where
/// they stay and where that is, and before every step they are put back with fresh noise.
/// @param scene  [1, 4, h, w] the whole picture  @param hole  [1, 1, h, w] 1 where is repainted
std::function<Batch(BatchNoise& noise, const samplers::Plan& plan)> grounded_batch(
    const LatentModel& model, const Posterior& scene, const at::Tensor& hole, bool from_noise);

}  // namespace velatura::pipelines
