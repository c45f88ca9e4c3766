#include "families/clip_conditioner.h"

#include <algorithm>
#include <string>

#include "velatura/error.h"

namespace velatura::families {

using pipelines::PromptConditioning;

void check_clip_skip(const models::ClipTextConfig& config, int clip_skip, int spare) {
  const std::int64_t most = config.num_hidden_layers - 1 - spare;
  if (clip_skip < 0 || clip_skip > most) {
    throw UsageError("clip-skip " + std::to_string(clip_skip) + ": the text encoder has " +
                         std::to_string(config.num_hidden_layers) + " layers, expected 0 … " +
                         std::to_string(most),
                     {"clip-skip"});
  }
}

PromptChunks ClipConditioner::read_prompts(const PictureRequest& request, Observer& observer) {
  const auto read = [&](const std::string& prompt) {
    return tower_.read(prompt, request.prompt_syntax, "prompt", observer);
  };
  PromptChunks chunks{
      .clip_skip = request.clip_skip, .embeddings = request.embeddings, .weights = weights_};
  if (is_guided(request)) chunks.negative_prompt = read(request.negative_prompt.value_or(""));
  chunks.prompt = read(request.prompt);
  if (chunks.negative_prompt.empty()) return chunks;
  const std::size_t count = std::max(chunks.prompt.size(), chunks.negative_prompt.size());
  tower_.pad(chunks.prompt, count);
  tower_.pad(chunks.negative_prompt, count);
  return chunks;
}

PromptConditioning ClipConditioner::encode_both(const PromptChunks& chunks) const {
  const auto encode = [this](const std::vector<const TextTower::Chunks*>& prompts, int clip_skip) {
    return tower_.encode(prompts, {.left_out = clip_skip}, Emphasis::original);
  };
  if (chunks.negative_prompt.empty())
    return {.prompt = {encode({&chunks.prompt}, chunks.clip_skip).front().hidden}};
  if (chunks.clip_skip != 0) {
    // As in diffusers, the negative prompt goes through all layers whatever the clip skip.
    return {.prompt = {encode({&chunks.prompt}, chunks.clip_skip).front().hidden},
            .negative_prompt = {encode({&chunks.negative_prompt}, 0).front().hidden}};
  }
  const auto both = encode({&chunks.negative_prompt, &chunks.prompt}, 0);
  return {.prompt = {both[1].hidden}, .negative_prompt = {both[0].hidden}};
}

PromptConditioning ClipConditioner::encode(const PictureRequest& request,
                                           const pipelines::PictureFrame&, Progress progress,
                                           Observer& observer) {
  check_clip_skip(tower_.config(), request.clip_skip);
  tower_.learn(request.embeddings, observer);
  const auto& conditioning =
      latest_.of(read_prompts(request, observer),
                 [this](const PromptChunks& chunks) { return encode_both(chunks); });
  progress.stage = Stage::encode_prompt;
  progress.done = progress.total = 1;
  observer.on_progress(progress);
  return conditioning;
}

}  // namespace velatura::families
