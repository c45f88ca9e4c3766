#include "families/learned_words.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <optional>
#include <set>

#include "velatura/error.h"

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
  std::set<std::string> tokens;
  for (const EmbeddingUse& use : uses) {
    std::optional<weights::TextualInversion> found;
    for (const auto& [config, place] : encoders) {
      auto embedding = weights::check_textual_inversion(use.file, config.hidden_size, place);
      if (embedding) found = std::move(embedding);
    }
    // None of several takes it: what is wrong with it for the first says why.
    if (!found)
      found = weights::check_textual_inversion(use.file, encoders.front().config.hidden_size);
    check_once(token_of(use, found.value().token), tokens);
  }
}

}  // namespace velatura::families
