#include "families/learned_words.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <set>

#include "velatura/error.h"
#include "weights/adapters/textual_inversion.h"

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
                                const models::ClipTextConfig& config,
                                const tokenizer::ClipTokenizer& tokenizer, Observer& observer) {
  LearnedWords learned;
  std::vector<at::Tensor> vectors;
  std::set<std::string> tokens;
  std::int64_t next = config.vocab_size;
  for (const EmbeddingUse& use : uses) {
    auto embedding = weights::read_textual_inversion(use.file, config.hidden_size);
    const std::string token = token_of(use, embedding.token);
    check_once(token, tokens);
    if (tokenizer.tokenize(token).size() == 1) {
      observer.on_warning("embedding " + token +
                          ": the vocabulary has this word, too; it now means the embedding");
    }
    const std::int64_t count = embedding.vectors.size(0);
    learned.words.push_back({token, next, static_cast<std::size_t>(count)});
    next += count;
    vectors.push_back(std::move(embedding.vectors));
  }
  if (!vectors.empty()) learned.vectors = at::cat(vectors);
  return learned;
}

void check_learned_words(const std::vector<EmbeddingUse>& uses,
                         const models::ClipTextConfig& config) {
  std::set<std::string> tokens;
  for (const EmbeddingUse& use : uses) {
    const auto embedding = weights::check_textual_inversion(use.file, config.hidden_size);
    check_once(token_of(use, embedding.token), tokens);
  }
}

}  // namespace velatura::families
