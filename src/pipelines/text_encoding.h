#pragma once

#include <string>

#include "pipelines/stable_diffusion.h"
#include "velatura/progress.h"

namespace velatura::pipelines {

/// What the UNet attends to for a prompt: [1, T, hidden_size], in the model's dtype. Text beyond
/// the encoder's length is dropped, and said.
/// @param clip_skip  layers left out at the end, 0 … layers - 1. @throws UsageError beyond that
at::Tensor encode_prompt(const StableDiffusion& model, const std::string& prompt, int clip_skip,
                         Observer& observer);

}  // namespace velatura::pipelines
