#include "pipelines/text_encoding.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "velatura/error.h"

namespace velatura::pipelines {
namespace {

using Chunks = PromptChunks::Chunks;

constexpr std::size_t kRemembered = 32;  // requests

void check_clip_skip(const models::ClipTextConfig& config, int clip_skip) {
  if (clip_skip < 0 || clip_skip >= config.num_hidden_layers) {
    throw UsageError("clip-skip " + std::to_string(clip_skip) + ": the text encoder has " +
                         std::to_string(config.num_hidden_layers) + " layers, expected 0 … " +
                         std::to_string(config.num_hidden_layers - 1),
                     {"clip-skip"});
  }
}

std::size_t chunk_length(const StableDiffusion& model) {
  const auto positions =
      static_cast<std::size_t>(model.text_encoder->config().max_position_embeddings);
  return std::min(model.tokenizer.model_max_length().value_or(positions), positions);
}

// One chunk of what fits.
Chunks plain_chunk(const tokenizer::ClipTokenizer& tokenizer, const std::string& prompt,
                   std::size_t length, Observer& observer) {
  auto encoding = tokenizer.encode(prompt, length);
  if (!encoding.dropped.empty()) {
    observer.on_warning("the prompt has " + std::to_string(encoding.tokens) +
                        " tokens, the model reads " + std::to_string(length - 2) +
                        "; left out: \"" + encoding.dropped + "\"");
  }
  return {{std::move(encoding.ids), std::vector<float>(length, 1.0F)}};
}

PromptChunks read_prompts(const StableDiffusion& model, const PictureRequest& request,
                          Observer& observer) {
  const std::size_t length = chunk_length(model);
  const auto read = [&](const std::string& prompt) {
    if (request.prompt_syntax == PromptSyntax::plain)
      return plain_chunk(model.tokenizer, prompt, length, observer);
    return chunk_prompt(model.tokenizer, tokenizer::parse_weighted_prompt(prompt), length);
  };
  PromptChunks read_in{.clip_skip = request.clip_skip};
  if (request.guidance_scale > 1.0) read_in.negative_prompt = read(request.negative_prompt);
  read_in.prompt = read(request.prompt);
  if (read_in.negative_prompt.empty()) return read_in;
  const std::size_t count = std::max(read_in.prompt.size(), read_in.negative_prompt.size());
  for (Chunks* chunks : {&read_in.prompt, &read_in.negative_prompt}) {
    while (chunks->size() < count)
      chunks->push_back(chunk_prompt(model.tokenizer, {}, length).front());
  }
  return read_in;
}

// Each token's embedding times its weight, then each chunk scaled to the mean it had: the web UI's
// emphasis "Original". @param hidden [N, T, hidden_size]  @param weights [N, T]
at::Tensor emphasised(const at::Tensor& hidden, const at::Tensor& weights) {
  if (weights.eq(1).all().item<bool>()) return hidden;
  const auto mean = [](const at::Tensor& x) { return x.mean({1, 2}, /*keepdim=*/true); };
  const auto plain = hidden.to(at::kFloat);
  const auto weighted = plain * weights.unsqueeze(2);
  return (weighted * (mean(plain) / mean(weighted))).to(hidden.scalar_type());
}

// [N, T, hidden_size] for N chunks, in one pass.
at::Tensor encode(const StableDiffusion& model, const Chunks& chunks, int clip_skip) {
  std::vector<at::Tensor> ids, weights;
  for (const auto& chunk : chunks) {
    ids.push_back(at::tensor(chunk.ids));
    weights.push_back(at::tensor(chunk.weights));
  }
  const auto device = model.placement.device;
  return emphasised(model.text_encoder->forward(at::stack(ids).to(device), clip_skip),
                    at::stack(weights).to(device));
}

// [N, T, hidden_size] → [1, N*T, hidden_size]
at::Tensor in_sequence(const at::Tensor& chunks) {
  return chunks.reshape({1, -1, chunks.size(2)});
}

TextConditioning encode_both(const StableDiffusion& model, const PromptChunks& chunks) {
  const auto& [prompt, negative, clip_skip] = chunks;
  if (negative.empty()) return {.prompt = in_sequence(encode(model, prompt, clip_skip))};
  if (clip_skip != 0) {
    // As in diffusers, the negative prompt goes through all layers whatever the clip skip.
    return {.prompt = in_sequence(encode(model, prompt, clip_skip)),
            .negative_prompt = in_sequence(encode(model, negative, 0))};
  }
  Chunks all = negative;
  all.insert(all.end(), prompt.begin(), prompt.end());
  const auto halves = encode(model, all, 0).chunk(2);
  return {.prompt = in_sequence(halves[1]), .negative_prompt = in_sequence(halves[0])};
}

}  // namespace

PromptEncoder::PromptEncoder(const StableDiffusion& model) : model_(model) {}

TextConditioning PromptEncoder::encode(const PictureRequest& request, Progress progress,
                                       Observer& observer) {
  check_clip_skip(model_.text_encoder->config(), request.clip_skip);
  auto chunks = read_prompts(model_, request, observer);
  auto found = std::ranges::find(latest_, chunks, &Entry::chunks);
  if (found == latest_.end()) {
    auto text = encode_both(model_, chunks);
    if (latest_.size() == kRemembered) latest_.pop_front();
    found = latest_.insert(latest_.end(), {std::move(chunks), std::move(text)});
  }
  progress.stage = Stage::encode_prompt;
  progress.done = progress.total = 1;
  observer.on_progress(progress);
  return found->text;
}

}  // namespace velatura::pipelines
