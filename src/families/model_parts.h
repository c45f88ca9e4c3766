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

}  // namespace velatura::families
