#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "families/latest_prompts.h"
#include "families/text_tower.h"
#include "pipelines/conditioner.h"

namespace velatura::families {

/// @throws UsageError for a clip skip that leaves no layer
/// @param spare  layers that are left out anyway
void check_clip_skip(const models::ClipTextConfig& config, int clip_skip, int spare = 0);

/// What a request's prompts are for the text encoder.
struct PromptChunks {
  using Chunks = TextTower::Chunks;
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
                  FaultFinder faults = {})
      : tower_(std::move(tokenizer), std::move(text_encoder), device, std::move(faults)) {}

  /// Says that the text encoder has other weights from now on: prompts are remembered for each.
  /// @param name  equal names mean equal weights; empty: the model's own
  void use_weights(std::string name) { weights_ = std::move(name); }

  /// Texts in one vector each, for what is told beside the prompt; in plain syntax, and without the
  /// words of embeddings, as diffusers.
  /// @param name  of the field that they are of, for messages  @return [N, hidden_size]
  at::Tensor pooled(const std::vector<std::string>& texts, const std::string& name,
                    Observer& observer) {
    return tower_.pooled(texts, name, observer);
  }

  /// In plain syntax, text beyond the encoder's length is dropped, and said, as is once what looks
  /// like the other; in web UIs', it goes
  /// on in further chunks, and the shorter prompt gets empty ones.
  /// @throws UsageError for a clip skip that leaves no layer, and as parse_weighted_prompt;
  ///         InputError where what is encoded is not finite
  pipelines::PromptConditioning encode(const PictureRequest& request,
                                       const pipelines::PictureFrame& frame, Progress progress,
                                       Observer& observer) override;

 private:
  PromptChunks read_prompts(const PictureRequest& request, Observer& observer);
  pipelines::PromptConditioning encode_both(const PromptChunks& chunks) const;

  TextTower tower_;
  std::string weights_;
  LatestPrompts<PromptChunks> latest_;
};

}  // namespace velatura::families
