#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "models/clip_text/config.h"
#include "tokenizer/clip_tokenizer.h"
#include "velatura/adapters.h"
#include "velatura/progress.h"

namespace velatura::families {

/// What embeddings teach a text encoder.
struct LearnedWords {
  std::vector<tokenizer::LearnedWord> words;
  at::Tensor vectors;  ///< [E, hidden_size] float32, for ids from vocab_size on; undefined: none
};

/// Reads the files. @param observer  is told of words that the vocabulary has, too
/// @throws InputError as read_textual_inversion(), UsageError for a word that is taught twice
LearnedWords read_learned_words(const std::vector<EmbeddingUse>& uses,
                                const models::ClipTextConfig& config,
                                const tokenizer::ClipTokenizer& tokenizer, Observer& observer);

/// Throws what reading them would, for all that their headers tell.
void check_learned_words(const std::vector<EmbeddingUse>& uses,
                         const models::ClipTextConfig& config);

}  // namespace velatura::families
