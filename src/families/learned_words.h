#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "models/clip_text/config.h"
#include "tokenizer/clip_tokenizer.h"
#include "velatura/adapters.h"
#include "velatura/progress.h"
#include "weights/adapters/textual_inversion.h"

namespace velatura::families {

using weights::TextEncoderPlace;

/// What embeddings teach a text encoder.
struct LearnedWords {
  std::vector<tokenizer::LearnedWord> words;
  at::Tensor vectors;  ///< [E, hidden_size] float32, for ids from vocab_size on; undefined: none
};

/// Reads the files, but those that are for the other of two encoders.
/// @param observer  is told of words that the vocabulary has, too
/// @throws InputError as read_textual_inversion(), UsageError for a word that is taught twice
LearnedWords read_learned_words(const std::vector<EmbeddingUse>& uses,
                                const models::ClipTextConfig& config, TextEncoderPlace place,
                                const tokenizer::ClipTokenizer& tokenizer, Observer& observer);

/// A text encoder by its config, and its place among several.
struct PlacedEncoder {
  models::ClipTextConfig config;
  TextEncoderPlace place = TextEncoderPlace::only;
};

/// Throws what reading them for these encoders would, for all that their headers tell; and for words
/// that are not taught to each of them.
void check_learned_words(const std::vector<EmbeddingUse>& uses,
                         std::span<const PlacedEncoder> encoders);

}  // namespace velatura::families
