#pragma once

#include "pipelines/stable_diffusion.h"
#include "velatura/progress.h"
#include "velatura/request.h"

namespace velatura::pipelines {

/// What the UNet attends to, in the model's dtype.
struct TextConditioning {
  at::Tensor prompt;           ///< [1, T, hidden_size]; T is a multiple of the encoder's length
  at::Tensor negative_prompt;  ///< the same; undefined without guidance

  bool guided() const { return negative_prompt.defined(); }
};

/// Encodes a request's prompts. In plain syntax, text beyond the encoder's length is dropped, and
/// said; in web UIs', it goes on in further chunks, and the shorter prompt gets empty ones.
/// @throws UsageError for a clip skip that leaves no layer, and as parse_weighted_prompt
TextConditioning encode_text(const StableDiffusion& model, const PictureRequest& request,
                             Observer& observer);

}  // namespace velatura::pipelines
