#pragma once

#include <memory>

#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// A view of a network's weights under the names that its library has for them today.
using CurrentNames =
    std::shared_ptr<const WeightSource> (*)(std::shared_ptr<const WeightSource> weights);

/// A CLIPTextModel's weights with every name beginning with `text_model.`, as the files on the hub
/// have it (transformers 5 saves without), and without the `position_ids` of old files.
std::shared_ptr<const WeightSource> with_text_model_prefix(
    std::shared_ptr<const WeightSource> text_encoder);

/// Other weights of transformers without the `position_ids` of old files.
std::shared_ptr<const WeightSource> without_position_ids(
    std::shared_ptr<const WeightSource> network);

/// An AutoencoderKL's or VQModel's weights with the attention of its middle blocks under today's names: files
/// from before diffusers 0.17, Stable Diffusion 1.x's own among them, call to_q, to_k, to_v and
/// to_out.0 query, key, value and proj_attn.
std::shared_ptr<const WeightSource> with_current_vae_names(std::shared_ptr<const WeightSource> vae);

}  // namespace velatura::weights
