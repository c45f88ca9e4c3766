#include "pipelines/text_encoding.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tokenizer/prompt_chunks.h"
#include "velatura/error.h"

namespace velatura::pipelines {
namespace {

using Chunks = std::vector<tokenizer::PromptChunk>;

void check_clip_skip(const models::ClipTextConfig& config, int clip_skip) {
  if (clip_skip < 0 || clip_skip >= config.num_hidden_layers) {
    throw UsageError("--clip-skip " + std::to_string(clip_skip) + ": the text encoder has " +
                     std::to_string(config.num_hidden_layers) + " layers, expected 0 … " +
                     std::to_string(config.num_hidden_layers - 1));
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

// The request's negative prompt (none without guidance) and its prompt, both of as many chunks.
std::pair<Chunks, Chunks> read_prompts(const StableDiffusion& model, const PictureRequest& request,
                                       bool guided, Observer& observer) {
  const std::size_t length = chunk_length(model);
  const auto read = [&](const std::string& prompt) {
    if (request.prompt_syntax == PromptSyntax::plain)
      return plain_chunk(model.tokenizer, prompt, length, observer);
    return chunk_prompt(model.tokenizer, tokenizer::parse_weighted_prompt(prompt), length);
  };
  if (!guided) return {{}, read(request.prompt)};
  Chunks negative = read(request.negative_prompt), prompt = read(request.prompt);
  const std::size_t count = std::max(negative.size(), prompt.size());
  for (Chunks* chunks : {&negative, &prompt}) {
    while (chunks->size() < count)
      chunks->push_back(chunk_prompt(model.tokenizer, {}, length).front());
  }
  return {std::move(negative), std::move(prompt)};
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

}  // namespace

TextConditioning encode_text(const StableDiffusion& model, const PictureRequest& request,
                             Observer& observer) {
  check_clip_skip(model.text_encoder->config(), request.clip_skip);
  const bool guided = request.guidance_scale > 1.0;
  auto [negative, prompt] = read_prompts(model, request, guided, observer);
  TextConditioning text;
  if (guided && request.clip_skip == 0) {
    negative.insert(negative.end(), prompt.begin(), prompt.end());
    const auto halves = encode(model, negative, 0).chunk(2);
    text = {.prompt = in_sequence(halves[1]), .negative_prompt = in_sequence(halves[0])};
  } else {
    text.prompt = in_sequence(encode(model, prompt, request.clip_skip));
    // As in diffusers, the negative prompt goes through all layers whatever the clip skip.
    if (guided) text.negative_prompt = in_sequence(encode(model, negative, 0));
  }
  observer.on_progress(
      {.stage = Stage::encode_prompt, .done = 1, .total = 1, .images = request.num_images});
  return text;
}

}  // namespace velatura::pipelines
