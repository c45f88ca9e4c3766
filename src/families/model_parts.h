#pragma once

#include "models/clip_text/config.h"
#include "pipelines/latent_model.h"
#include "tokenizer/clip_tokenizer.h"
#include "weights/layouts/model_files.h"

namespace velatura::families {

tokenizer::ClipTokenizer load_tokenizer(const weights::TokenizerFiles& files);

samplers::ModelScheduler scheduler_of(const ConfigObject& config);

/// @throws InputError if the text encoder does not know all of the tokenizer's tokens
void check_tokenizer(const weights::Part& text_encoder, const models::ClipTextConfig& config,
                     const tokenizer::ClipTokenizer& tokenizer);

/// @throws InputError for a UNet that is told the picture to be made, in a model that cannot imagine it
void check_imagines_nothing(const weights::Part& unet);

}  // namespace velatura::families
