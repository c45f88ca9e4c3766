#pragma once

#include <memory>
#include <string>
#include <vector>

#include "families/fault_finder.h"
#include "families/learned_words.h"
#include "models/clip_text/clip_text_model.h"
#include "tokenizer/clip_tokenizer.h"
#include "tokenizer/prompt_chunks.h"
#include "velatura/progress.h"
#include "velatura/request.h"

namespace velatura::families {

/// How the weights of a prompt's tokens change what is made of them: as web UIs name it.
enum class Emphasis {
  original,  ///< times the weight, then each chunk scaled to the mean that it had
  no_norm,   ///< times the weight
};

/// A tokenizer and the text encoder behind it, with the words that requests teach them.
class TextTower {
 public:
  using Chunks = std::vector<tokenizer::PromptChunk>;

  /// @param device  the text encoder's @param faults  of its weights
  TextTower(tokenizer::ClipTokenizer tokenizer, std::shared_ptr<models::ClipTextModel> text_encoder,
            at::Device device, FaultFinder faults, TextEncoderPlace place = TextEncoderPlace::only);

  const models::ClipTextConfig& config() const { return text_encoder_->config(); }
  TextEncoderPlace place() const { return place_; }

  /// From now on the prompts may hold these words, and no others. @throws as read_learned_words()
  void learn(const std::vector<EmbeddingUse>& embeddings, Observer& observer);

  /// In plain syntax one chunk, and what has no room is left out and said, as is once what looks like
  /// the other; in web UIs' as many as it takes.
  /// @param name  of the field, for messages @throws UsageError as parse_weighted_prompt
  Chunks read(const std::string& prompt, PromptSyntax syntax, const std::string& name,
              Observer& observer);

  /// Adds empty chunks until there are as many.
  void pad(Chunks& chunks, std::size_t count) const;

  /// What an encoder makes of chunks.
  struct Encoded {
    at::Tensor hidden;  ///< [1, N*T, hidden_size], one chunk behind the other
    at::Tensor pooled;  ///< [N, P]
  };
  /// Several prompts in one pass. @param prompts  of as many chunks each
  /// @throws InputError where what is encoded is not finite
  std::vector<Encoded> encode(const std::vector<const Chunks*>& prompts,
                              models::ClipHiddenState state, Emphasis emphasis) const;

  /// Texts in one vector each, in plain syntax and without learned words. @return [N, P]
  at::Tensor pooled(const std::vector<std::string>& texts, const std::string& name,
                    Observer& observer);

  /// @param when  "for this prompt" @throws InputError saying why what was encoded is not finite
  void require_finite(const at::Tensor& encoded, const std::string& when) const;

 private:
  std::size_t chunk_length() const;
  Chunks plain_chunk(const tokenizer::ClipTokenizer& tokenizer, const std::string& prompt,
                     const std::string& name, Observer& observer);

  tokenizer::ClipTokenizer tokenizer_;
  tokenizer::ClipTokenizer taught_;       // knows the learned words
  std::vector<EmbeddingUse> embeddings_;  // which teach them
  LearnedWords learned_;
  std::shared_ptr<models::ClipTextModel> text_encoder_;
  at::Device device_;
  FaultFinder faults_;
  TextEncoderPlace place_;
  bool hinted_ = false;  // at web UIs' syntax
};

}  // namespace velatura::families
