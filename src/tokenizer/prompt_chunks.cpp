#include "tokenizer/prompt_chunks.h"

#include <algorithm>
#include <span>

#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

constexpr std::size_t kCommaReach = 20;

struct Tokens {
  std::vector<std::int64_t> ids;
  std::vector<float> weights;
};

Tokens tokens_of(const ClipTokenizer& tokenizer, const PromptSection& section) {
  Tokens tokens;
  for (const auto& [text, weight] : section) {
    const auto ids = tokenizer.tokenize(text);
    tokens.ids.insert(tokens.ids.end(), ids.begin(), ids.end());
    tokens.weights.resize(tokens.ids.size(), static_cast<float>(weight));
  }
  return tokens;
}

// How many of the tokens the next chunk takes; it has room for `room`.
std::size_t chunk_size(std::span<const std::int64_t> ids, std::size_t room, std::int64_t comma) {
  if (ids.size() <= room) return ids.size();
  if (ids[room] == comma) return room;
  for (std::size_t size = room; size > 0 && room - size < kCommaReach; --size) {
    if (ids[size - 1] == comma) return size;
  }
  return room;
}

}  // namespace

std::vector<PromptChunk> chunk_prompt(const ClipTokenizer& tokenizer,
                                      const std::vector<PromptSection>& sections,
                                      std::size_t length) {
  if (length < 3) throw UsageError("a prompt needs room for a token between its begin and end");
  const std::int64_t comma = tokenizer.tokenize(",").front();
  std::vector<PromptChunk> chunks;
  const auto add = [&](std::span<const std::int64_t> ids, std::span<const float> weights) {
    PromptChunk& chunk = chunks.emplace_back(
        PromptChunk{tokenizer.framed(ids, length), std::vector<float>(length, 1.0F)});
    std::ranges::copy(weights, chunk.weights.begin() + 1);
  };
  for (const PromptSection& section : sections) {
    const Tokens tokens = tokens_of(tokenizer, section);
    std::span<const std::int64_t> ids(tokens.ids);
    std::span<const float> weights(tokens.weights);
    const bool last = &section == &sections.back();
    if (ids.empty() && !last) add({}, {});
    while (!ids.empty()) {
      const std::size_t size = chunk_size(ids, length - 2, comma);
      add(ids.first(size), weights.first(size));
      ids = ids.subspan(size);
      weights = weights.subspan(size);
    }
  }
  if (chunks.empty()) add({}, {});
  return chunks;
}

}  // namespace velatura::tokenizer
