#include "families/clip_conditioner.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/finite.h"
#include "tokenizer/web_ui_syntax.h"
#include "velatura/error.h"

namespace velatura::families {

using pipelines::PromptConditioning;

namespace {

constexpr std::size_t kRemembered = 32;  // requests

// Each token's embedding times its weight, then each chunk scaled to the mean it had: the web UI's
// emphasis "Original". @param hidden [N, T, hidden_size]  @param weights [N, T], on the CPU
at::Tensor emphasised(const at::Tensor& hidden, const at::Tensor& weights) {
  if (weights.eq(1).all().item<bool>()) return hidden;  // on the CPU, which nobody waits for
  const auto mean = [](const at::Tensor& x) { return x.mean({1, 2}, /*keepdim=*/true); };
  const auto plain = hidden.to(at::kFloat);
  const auto weighted = plain * weights.to(hidden.device()).unsqueeze(2);
  return (weighted * (mean(plain) / mean(weighted))).to(hidden.scalar_type());
}

// [N, T, hidden_size] → [1, N*T, hidden_size]
at::Tensor in_sequence(const at::Tensor& chunks) {
  return chunks.reshape({1, -1, chunks.size(2)});
}

}  // namespace

void check_clip_skip(const models::ClipTextConfig& config, int clip_skip) {
  if (clip_skip < 0 || clip_skip >= config.num_hidden_layers) {
    throw UsageError("clip-skip " + std::to_string(clip_skip) + ": the text encoder has " +
                         std::to_string(config.num_hidden_layers) + " layers, expected 0 … " +
                         std::to_string(config.num_hidden_layers - 1),
                     {"clip-skip"});
  }
}

ClipConditioner::ClipConditioner(tokenizer::ClipTokenizer tokenizer,
                                 std::shared_ptr<models::ClipTextModel> text_encoder,
                                 at::Device device, FaultFinder faults)
    : tokenizer_(std::move(tokenizer)),
      taught_(tokenizer_),
      text_encoder_(std::move(text_encoder)),
      device_(device),
      faults_(std::move(faults)) {}

std::size_t ClipConditioner::chunk_length() const {
  const auto positions = static_cast<std::size_t>(text_encoder_->config().max_position_embeddings);
  return std::min(tokenizer_.model_max_length().value_or(positions), positions);
}

void ClipConditioner::learn(const std::vector<EmbeddingUse>& embeddings, Observer& observer) {
  if (embeddings == embeddings_) return;
  LearnedWords learned =
      read_learned_words(embeddings, text_encoder_->config(), tokenizer_, observer);
  taught_ = tokenizer_.with_words(learned.words);
  if (learned.vectors.defined()) learned.vectors = learned.vectors.to(device_);
  learned_ = std::move(learned);
  embeddings_ = embeddings;
}

// One chunk of what fits.
ClipConditioner::Chunks ClipConditioner::plain_chunk(const tokenizer::ClipTokenizer& tokenizer,
                                                     const std::string& prompt, Observer& observer,
                                                     const std::string& name) {
  const std::size_t length = chunk_length();
  auto encoding = tokenizer.encode(prompt, length);
  const std::string marked = hinted_ ? "" : tokenizer::web_ui_syntax_in(prompt);
  if (!marked.empty()) {
    hinted_ = true;
    observer.on_warning(
        "the " + name + "'s '" + marked +
        "' is read as plain text: a web UI's syntax is read with prompt-syntax webui");
  }
  if (!encoding.dropped.empty()) {
    observer.on_warning("the " + name + " has " + std::to_string(encoding.tokens) +
                        " tokens, the model reads " + std::to_string(length - 2) +
                        "; left out: \"" + encoding.dropped + "\"");
  }
  return {{std::move(encoding.ids), std::vector<float>(length, 1.0F)}};
}

at::Tensor ClipConditioner::pooled(const std::vector<std::string>& texts, const std::string& name,
                                   Observer& observer) {
  std::vector<at::Tensor> ids;
  for (const std::string& text : texts) {
    ids.push_back(at::tensor(plain_chunk(tokenizer_, text, observer, name).front().ids));
  }
  const at::Tensor pooled = text_encoder_->forward(at::stack(ids).to(device_)).pooled;
  if (!all_finite(pooled.to(at::kFloat))) {
    throw faults_.explain("text encoder", pooled.scalar_type(), "for this " + name);
  }
  return pooled;
}

PromptChunks ClipConditioner::read_prompts(const PictureRequest& request, Observer& observer) {
  const std::size_t length = chunk_length();
  const auto read = [&](const std::string& prompt) {
    if (request.prompt_syntax == PromptSyntax::plain) return plain_chunk(taught_, prompt, observer);
    return chunk_prompt(tokenizer_, tokenizer::parse_weighted_prompt(prompt), length,
                        learned_.words);
  };
  PromptChunks read_in{
      .clip_skip = request.clip_skip, .embeddings = request.embeddings, .weights = weights_};
  if (request.guidance_scale > 1.0) read_in.negative_prompt = read(request.negative_prompt);
  read_in.prompt = read(request.prompt);
  if (read_in.negative_prompt.empty()) return read_in;
  const std::size_t count = std::max(read_in.prompt.size(), read_in.negative_prompt.size());
  for (Chunks* chunks : {&read_in.prompt, &read_in.negative_prompt}) {
    while (chunks->size() < count) chunks->push_back(chunk_prompt(tokenizer_, {}, length).front());
  }
  return read_in;
}

// [N, T, hidden_size] for N chunks, in one pass.
at::Tensor ClipConditioner::hidden_states(const Chunks& chunks, int clip_skip) const {
  std::vector<at::Tensor> ids, weights;
  for (const auto& chunk : chunks) {
    ids.push_back(at::tensor(chunk.ids));
    weights.push_back(at::tensor(chunk.weights));
  }
  const at::Tensor hidden =
      text_encoder_->forward(at::stack(ids).to(device_), clip_skip, learned_.vectors).hidden;
  if (!all_finite(hidden.to(at::kFloat))) {
    throw faults_.explain("text encoder", hidden.scalar_type(), "for this prompt");
  }
  const at::Tensor result = emphasised(hidden, at::stack(weights));
  if (all_finite(result.to(at::kFloat))) return result;
  throw InputError("the prompt's weights make of it what is not finite: smaller ones are needed");
}

PromptConditioning ClipConditioner::encode_both(const PromptChunks& chunks) const {
  const auto& [prompt, negative, clip_skip, embeddings, weights] = chunks;
  if (negative.empty()) return {.prompt = {in_sequence(hidden_states(prompt, clip_skip))}};
  if (clip_skip != 0) {
    // As in diffusers, the negative prompt goes through all layers whatever the clip skip.
    return {.prompt = {in_sequence(hidden_states(prompt, clip_skip))},
            .negative_prompt = {in_sequence(hidden_states(negative, 0))}};
  }
  Chunks all = negative;
  all.insert(all.end(), prompt.begin(), prompt.end());
  const auto halves = hidden_states(all, 0).chunk(2);
  return {.prompt = {in_sequence(halves[1])}, .negative_prompt = {in_sequence(halves[0])}};
}

PromptConditioning ClipConditioner::encode(const PictureRequest& request, pipelines::Size,
                                           Progress progress, Observer& observer) {
  check_clip_skip(text_encoder_->config(), request.clip_skip);
  learn(request.embeddings, observer);
  auto chunks = read_prompts(request, observer);
  auto found = std::ranges::find(latest_, chunks, &Entry::chunks);
  if (found == latest_.end()) {
    auto conditioning = encode_both(chunks);
    if (latest_.size() == kRemembered) latest_.pop_front();
    found = latest_.insert(latest_.end(), {std::move(chunks), std::move(conditioning)});
  }
  progress.stage = Stage::encode_prompt;
  progress.done = progress.total = 1;
  observer.on_progress(progress);
  return found->conditioning;
}

}  // namespace velatura::families
