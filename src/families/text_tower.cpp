#include "families/text_tower.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "core/finite.h"
#include "tokenizer/web_ui_syntax.h"
#include "velatura/error.h"

namespace velatura::families {
namespace {

// Each token's embedding times its weight. @param hidden [N, T, hidden_size]  @param weights [N, T],
// on the CPU
at::Tensor emphasised(const at::Tensor& hidden, const at::Tensor& weights, Emphasis emphasis) {
  if (weights.eq(1).all().item<bool>()) return hidden;  // on the CPU, which nobody waits for
  const auto mean = [](const at::Tensor& x) { return x.mean({1, 2}, /*keepdim=*/true); };
  const auto plain = hidden.to(at::kFloat);
  const auto weighted = plain * weights.to(hidden.device()).unsqueeze(2);
  const auto result =
      emphasis == Emphasis::no_norm ? weighted : weighted * (mean(plain) / mean(weighted));
  return result.to(hidden.scalar_type());
}

}  // namespace

TextTower::TextTower(tokenizer::ClipTokenizer tokenizer,
                     std::shared_ptr<models::ClipTextModel> text_encoder, at::Device device,
                     FaultFinder faults, TextEncoderPlace place)
    : tokenizer_(std::move(tokenizer)),
      taught_(tokenizer_),
      text_encoder_(std::move(text_encoder)),
      device_(device),
      faults_(std::move(faults)),
      place_(place) {}

std::size_t TextTower::chunk_length() const {
  const auto positions = static_cast<std::size_t>(config().max_position_embeddings);
  return std::min(tokenizer_.model_max_length().value_or(positions), positions);
}

void TextTower::learn(const std::vector<EmbeddingUse>& embeddings, Observer& observer) {
  if (embeddings == embeddings_) return;
  LearnedWords learned = read_learned_words(embeddings, config(), place_, tokenizer_, observer);
  taught_ = tokenizer_.with_words(learned.words);
  if (learned.vectors.defined()) learned.vectors = learned.vectors.to(device_);
  learned_ = std::move(learned);
  embeddings_ = embeddings;
}

// One chunk of what fits.
TextTower::Chunks TextTower::plain_chunk(const tokenizer::ClipTokenizer& tokenizer,
                                         const std::string& prompt, const std::string& name,
                                         Observer& observer) {
  const std::size_t length = chunk_length();
  auto encoding = tokenizer.encode(prompt, length);
  const std::string marked = hinted_ ? "" : tokenizer::web_ui_syntax_in(prompt);
  if (!marked.empty()) {
    hinted_ = true;
    observer.on_warning(
        "the " + name + "'s '" + marked +
        "' is read as plain text: a web UI's syntax is read with prompt-syntax webui");
  }
  const auto lost = tokenizer::shortfall(encoding, name, "model");
  if (!lost.empty()) observer.on_warning(lost);
  return {{std::move(encoding.ids), std::vector<float>(length, 1.0F)}};
}

TextTower::Chunks TextTower::read(const std::string& prompt, PromptSyntax syntax,
                                  const std::string& name, Observer& observer) {
  if (syntax == PromptSyntax::plain) return plain_chunk(taught_, prompt, name, observer);
  return chunk_prompt(tokenizer_, tokenizer::parse_weighted_prompt(prompt), chunk_length(),
                      learned_.words);
}

void TextTower::pad(Chunks& chunks, std::size_t count) const {
  while (chunks.size() < count)
    chunks.push_back(chunk_prompt(tokenizer_, {}, chunk_length()).front());
}

std::vector<TextTower::Encoded> TextTower::encode(const std::vector<const Chunks*>& prompts,
                                                  models::ClipHiddenState state,
                                                  Emphasis emphasis) const {
  std::vector<at::Tensor> ids, weights;
  for (const Chunks* chunks : prompts) {
    for (const auto& chunk : *chunks) {
      ids.push_back(at::tensor(chunk.ids));
      weights.push_back(at::tensor(chunk.weights));
    }
  }
  const auto [hidden, pooled] =
      text_encoder_->forward(at::stack(ids).to(device_), state, learned_.vectors);
  require_finite(hidden, "for this prompt");
  const at::Tensor result = emphasised(hidden, at::stack(weights), emphasis);
  if (!all_finite(result)) {
    throw InputError("the prompt's weights make of it what is not finite: smaller ones are needed");
  }
  const auto count = static_cast<std::int64_t>(prompts.size());
  const auto parts = result.chunk(count), vectors = pooled.chunk(count);
  std::vector<Encoded> encoded;
  for (std::size_t i = 0; i < prompts.size(); ++i)
    encoded.push_back({parts[i].reshape({1, -1, parts[i].size(2)}), vectors[i]});
  return encoded;
}

at::Tensor TextTower::pooled(const std::vector<std::string>& texts, const std::string& name,
                             Observer& observer) {
  std::vector<at::Tensor> ids;
  for (const std::string& text : texts)
    ids.push_back(at::tensor(plain_chunk(tokenizer_, text, name, observer).front().ids));
  at::Tensor pooled = text_encoder_->forward(at::stack(ids).to(device_)).pooled;
  require_finite(pooled, "for this " + name);
  return pooled;
}

void TextTower::require_finite(const at::Tensor& encoded, const std::string& when) const {
  if (!all_finite(encoded)) throw faults_.explain("text encoder", encoded.scalar_type(), when);
}

}  // namespace velatura::families
