#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "families/fault_finder.h"
#include "families/learned_words.h"
#include "models/clip_text/clip_text_model.h"
#include "pipelines/conditioner.h"
#include "tokenizer/clip_tokenizer.h"
#include "tokenizer/prompt_chunks.h"

namespace velatura::families {

/// @throws UsageError for a clip skip that leaves no layer
void check_clip_skip(const models::ClipTextConfig& config, int clip_skip);

/// What a request's prompts are for the text encoder.
struct PromptChunks {
  using Chunks = std::vector<tokenizer::PromptChunk>;
  Chunks prompt = {};
  Chunks negative_prompt = {};                ///< as many; none without guidance
  int clip_skip = 0;                          ///< of the prompt
  std::vector<EmbeddingUse> embeddings = {};  ///< whose words they may hold
  std::string weights = {};  ///< of the text encoder, see ClipConditioner::use_weights()

  bool operator==(const PromptChunks&) const = default;
};

/// CLIP's text tower: the context is its hidden states, of as many tokens as the prompt's chunks
/// have. Remembers the prompts of the latest requests. What is not remembered is encoded prompt and
/// negative prompt together, so that it does not depend on what went before.
class ClipConditioner : public pipelines::Conditioner {
 public:
  /// @param device  the text encoder's @param faults  of its weights
  ClipConditioner(tokenizer::ClipTokenizer tokenizer,
                  std::shared_ptr<models::ClipTextModel> text_encoder, at::Device device,
                  FaultFinder faults = {});

  /// Texts in one vector each, for what is told beside the prompt; in plain syntax.
  /// @param name  of the field that they are of, for messages  @return [N, hidden_size]
  at::Tensor pooled(const std::vector<std::string>& texts, const std::string& name,
                    Observer& observer);
  /// Says that the text encoder has other weights from now on: prompts are remembered for each.
  /// @param name  equal names mean equal weights; empty: the model's own
  void use_weights(std::string name) { weights_ = std::move(name); }

  /// In plain syntax, text beyond the encoder's length is dropped, and said, as is once what looks
  /// like the other; in web UIs', it goes
  /// on in further chunks, and the shorter prompt gets empty ones.
  /// @throws UsageError for a clip skip that leaves no layer, and as parse_weighted_prompt;
  ///         InputError where what is encoded is not finite
  pipelines::PromptConditioning encode(const PictureRequest& request, pipelines::Size size,
                                       Progress progress, Observer& observer) override;

 private:
  using Chunks = PromptChunks::Chunks;
  std::size_t chunk_length() const;
  void learn(const std::vector<EmbeddingUse>& embeddings, Observer& observer);
  Chunks plain_chunk(const std::string& prompt, Observer& observer,
                     const std::string& name = "prompt");
  PromptChunks read_prompts(const PictureRequest& request, Observer& observer);
  at::Tensor hidden_states(const Chunks& chunks, int clip_skip) const;
  pipelines::PromptConditioning encode_both(const PromptChunks& chunks) const;

  struct Entry {
    PromptChunks chunks;
    pipelines::PromptConditioning conditioning;
  };
  tokenizer::ClipTokenizer tokenizer_;
  tokenizer::ClipTokenizer taught_;       // knows the learned words
  std::vector<EmbeddingUse> embeddings_;  // which teach them
  LearnedWords learned_;
  std::shared_ptr<models::ClipTextModel> text_encoder_;
  at::Device device_;
  FaultFinder faults_;
  std::string weights_;
  std::deque<Entry> latest_;  // the newest last
  bool hinted_ = false;       // at web UIs' syntax
};

}  // namespace velatura::families
