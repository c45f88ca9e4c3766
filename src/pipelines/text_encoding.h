#pragma once

#include <deque>
#include <vector>

#include "pipelines/stable_diffusion.h"
#include "tokenizer/prompt_chunks.h"
#include "velatura/progress.h"
#include "velatura/request.h"

namespace velatura::pipelines {

/// What the UNet attends to, in the model's dtype.
struct TextConditioning {
  at::Tensor prompt;  ///< [1, T, hidden_size]; T is a multiple of the encoder's length
  at::Tensor negative_prompt = {};  ///< the same; undefined without guidance

  bool guided() const { return negative_prompt.defined(); }
};

/// What a request's prompts are for the text encoder.
struct PromptChunks {
  using Chunks = std::vector<tokenizer::PromptChunk>;
  Chunks prompt = {};
  Chunks negative_prompt = {};  ///< as many; none without guidance
  int clip_skip = 0;            ///< of the prompt

  bool operator==(const PromptChunks&) const = default;
};

/// Encodes requests' prompts, and remembers those of the latest requests. What is not remembered is
/// encoded prompt and negative prompt together, so that it does not depend on what went before.
class PromptEncoder {
 public:
  /// @param model  must outlive this
  explicit PromptEncoder(const StableDiffusion& model);

  /// In plain syntax, text beyond the encoder's length is dropped, and said; in web UIs', it goes
  /// on in further chunks, and the shorter prompt gets empty ones.
  /// @param progress  what to report: first_image and images are taken from it
  /// @throws UsageError for a clip skip that leaves no layer, and as parse_weighted_prompt
  TextConditioning encode(const PictureRequest& request, Progress progress, Observer& observer);

 private:
  struct Entry {
    PromptChunks chunks;
    TextConditioning text;
  };
  const StableDiffusion& model_;
  std::deque<Entry> latest_;  // the newest last
};

}  // namespace velatura::pipelines
