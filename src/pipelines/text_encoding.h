#pragma once

#include <string>
#include <vector>

#include "pipelines/stable_diffusion.h"
#include "velatura/progress.h"

namespace velatura::pipelines {

/// What the UNet attends to for each prompt: [N, T, hidden_size], in the model's dtype, in one pass.
/// Text beyond the encoder's length is dropped, and said.
/// @param clip_skip  layers left out at the end, 0 … layers - 1. @throws UsageError beyond that
at::Tensor encode_prompts(const StableDiffusion& model, const std::vector<std::string>& prompts,
                          int clip_skip, Observer& observer);

}  // namespace velatura::pipelines
