#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tokenizer/clip_tokenizer.h"
#include "tokenizer/weighted_prompt.h"

namespace velatura::tokenizer {

/// What the text encoder reads at once, and how much each of its tokens counts.
struct PromptChunk {
  std::vector<std::int64_t> ids;  ///< [length]: BOS, tokens, EOS, padding
  std::vector<float> weights;     ///< [length]: 1 for BOS, EOS and padding

  bool operator==(const PromptChunk&) const = default;
};

/// A prompt of any length as web UIs cut it: each section begins a chunk, and a chunk that is full
/// (75 tokens for a length of 77) ends behind its last comma if that is one of its last 20 tokens
/// and no comma follows. A last section without tokens makes no chunk of its own; no prompt, no
/// sections, is one empty chunk.
/// Learned words are found, as web UIs do it, where the tokens of their text stand in a row, the
/// longest first; one that does not fit into a chunk goes whole into the next.
/// @param tokenizer  without the words
/// @throws InputError if the text is not UTF-8, UsageError if length is below 3 or a word has no room
std::vector<PromptChunk> chunk_prompt(const ClipTokenizer& tokenizer,
                                      const std::vector<PromptSection>& sections,
                                      std::size_t length,
                                      const std::vector<LearnedWord>& words = {});

}  // namespace velatura::tokenizer
