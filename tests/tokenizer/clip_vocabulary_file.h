#pragma once

#include <gtest/gtest.h>

#include <filesystem>

namespace velatura::tokenizer {

/// OpenAI's, which the repository does not hold.
inline const std::filesystem::path kVocabulary =
    VELATURA_MODELS "/clip_vocabulary/bpe_simple_vocab_16e6.txt.gz";

#define SKIP_WITHOUT_VOCABULARY()                                                       \
  if (!std::filesystem::exists(kVocabulary)) {                                          \
    GTEST_SKIP() << kVocabulary << " is missing: run scripts/fetch_clip_vocabulary.sh"; \
  }

}  // namespace velatura::tokenizer
