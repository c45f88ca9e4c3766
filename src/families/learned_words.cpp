#include "families/learned_words.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "velatura/error.h"
#include "weights/adapters/made_for.h"

namespace velatura::families {
namespace {

// The one that was given, else the file's own, else its name.
std::string token_of(const EmbeddingUse& use, const std::string& of_file) {
  if (!use.token.empty()) return use.token;
  return of_file.empty() ? use.file.stem().string() : of_file;
}

void check_once(const std::string& token, std::set<std::string>& tokens) {
  if (!tokens.insert(token).second)
    throw UsageError("embedding " + token + ": two embeddings have this name", {"embedding"});
}

// What is wrong with it for the first encoder says why, where it is for none.
[[noreturn]] void refuse(const EmbeddingUse& use, std::span<const PlacedEncoder> encoders) {
  std::string widths;
  std::optional<std::int64_t> own;
  for (const auto& [config, place] : encoders) {
    const std::int64_t width = config.hidden_size;
    widths += (widths.empty() ? "" : " and ") + std::to_string(width);
    if (weights::check_textual_inversion(use.file, width, place)) own = width;
  }
  if (!own) weights::check_textual_inversion(use.file, encoders.front().config.hidden_size);
  const std::int64_t width = own.value_or(encoders.front().config.hidden_size);
  throw InputError(use.file.string() + ": an embedding for one text encoder, made for " +
                   weights::model_of_width(width) + "; the model's are " + widths +
                   " wide, and each needs its own: clip_l and clip_g in one file, or two files "
                   "under one name");
}

}  // namespace

LearnedWords read_learned_words(const std::vector<EmbeddingUse>& uses,
                                const models::ClipTextConfig& config, TextEncoderPlace place,
                                const tokenizer::ClipTokenizer& tokenizer, Observer& observer) {
  LearnedWords learned;
  std::vector<at::Tensor> vectors;
  std::set<std::string> tokens;
  std::int64_t next = config.vocab_size;
  for (const EmbeddingUse& use : uses) {
    const auto embedding = weights::read_textual_inversion(use.file, config.hidden_size, place);
    if (!embedding) continue;
    const std::string token = token_of(use, embedding->token);
    check_once(token, tokens);
    if (tokenizer.tokenize(token).size() == 1) {
      observer.on_warning("embedding " + token +
                          ": the vocabulary has this word, too; it now means the embedding");
    }
    const std::int64_t count = embedding->vectors.size(0);
    learned.words.push_back({token, next, static_cast<std::size_t>(count)});
    next += count;
    vectors.push_back(embedding->vectors);
  }
  if (!vectors.empty()) learned.vectors = at::cat(vectors);
  return learned;
}

void check_learned_words(const std::vector<EmbeddingUse>& uses,
                         std::span<const PlacedEncoder> encoders) {
  std::vector<std::set<std::string>> learned(encoders.size());
  std::map<std::string, const EmbeddingUse*> words;
  for (const EmbeddingUse& use : uses) {
    std::optional<std::string> token;
    for (std::size_t i = 0; i < encoders.size(); ++i) {
      const auto& [config, place] = encoders[i];
      const auto embedding = weights::check_textual_inversion(use.file, config.hidden_size, place);
      if (!embedding) continue;
      token = token_of(use, embedding->token);
      check_once(*token, learned[i]);
    }
    words.emplace(token.value_or(token_of(use, "")), &use);
  }
  // A word that only one of two encoders knew would be two things at once.
  for (const auto& [token, use] : words) {
    const bool known = std::ranges::all_of(
        learned, [&token = token](const auto& tokens) { return tokens.contains(token); });
    if (!known) refuse(*use, encoders);
  }
}

}  // namespace velatura::families
