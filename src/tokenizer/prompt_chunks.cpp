#include "tokenizer/prompt_chunks.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <utility>

#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

constexpr std::size_t kCommaReach = 20;

/// Tokens that stay together: one, or a learned word's.
struct Piece {
  std::int64_t first_id;
  std::size_t tokens;
  float weight;
};

/// A learned word by the tokens that its text has without it.
struct Spelling {
  std::vector<std::int64_t> ids;
  const LearnedWord* word;
};

// The longest first.
std::vector<Spelling> spellings_of(const ClipTokenizer& tokenizer,
                                   const std::vector<LearnedWord>& words) {
  std::vector<Spelling> spellings;
  for (const LearnedWord& word : words) spellings.push_back({tokenizer.tokenize(word.text), &word});
  std::erase_if(spellings, [](const Spelling& spelling) { return spelling.ids.empty(); });
  std::ranges::stable_sort(spellings, std::ranges::greater(),
                           [](const Spelling& spelling) { return spelling.ids.size(); });
  return spellings;
}

std::vector<Piece> pieces_of(const ClipTokenizer& tokenizer, const PromptSection& section,
                             const std::vector<Spelling>& spellings) {
  std::vector<Piece> pieces;
  for (const auto& [text, weight] : section) {
    const auto ids = tokenizer.tokenize(text);
    for (std::span<const std::int64_t> rest(ids); !rest.empty();) {
      const auto found = std::ranges::find_if(spellings, [rest](const Spelling& spelling) {
        return rest.size() >= spelling.ids.size() &&
               std::ranges::equal(spelling.ids, rest.first(spelling.ids.size()));
      });
      const bool is_word = found != spellings.end();
      pieces.push_back({is_word ? found->word->first_id : rest.front(),
                        is_word ? found->word->tokens : 1, static_cast<float>(weight)});
      rest = rest.subspan(is_word ? found->ids.size() : 1);
    }
  }
  return pieces;
}

/// Fills chunks one after the other.
class Chunker {
 public:
  Chunker(const ClipTokenizer& tokenizer, std::size_t length)
      : tokenizer_(tokenizer), length_(length), comma_(tokenizer.tokenize(",").front()) {}

  void add(const Piece& piece) {
    if (piece.tokens > room()) {
      throw UsageError("an embedding of " + std::to_string(piece.tokens) +
                       " vectors has no room in a chunk of " + std::to_string(room()) + " tokens");
    }
    if (piece.first_id == comma_) {
      comma_at_ = ids_.size();
    } else if (ids_.size() == room()) {
      break_at_comma();
    }
    if (ids_.size() + piece.tokens > room()) end_chunk();
    for (std::size_t i = 0; i < piece.tokens; ++i) {
      ids_.push_back(piece.first_id + static_cast<std::int64_t>(i));
      weights_.push_back(piece.weight);
    }
  }

  void end_chunk() {
    PromptChunk& chunk = chunks_.emplace_back(
        PromptChunk{tokenizer_.framed(ids_, length_), std::vector<float>(length_, 1.0F)});
    std::ranges::copy(weights_, chunk.weights.begin() + 1);
    ids_.clear();
    weights_.clear();
    comma_at_.reset();
  }

  bool has_tokens() const { return !ids_.empty(); }
  std::vector<PromptChunk> chunks() && { return std::move(chunks_); }
  bool has_chunks() const { return !chunks_.empty(); }

 private:
  std::size_t room() const { return length_ - 2; }

  // What stands behind a comma near the end of a full chunk begins the next.
  void break_at_comma() {
    if (!comma_at_ || ids_.size() - *comma_at_ > kCommaReach) return;
    const auto behind = static_cast<std::ptrdiff_t>(*comma_at_ + 1);
    const std::vector<std::int64_t> ids(ids_.begin() + behind, ids_.end());
    const std::vector<float> weights(weights_.begin() + behind, weights_.end());
    ids_.resize(static_cast<std::size_t>(behind));
    weights_.resize(static_cast<std::size_t>(behind));
    end_chunk();
    ids_ = ids;
    weights_ = weights;
  }

  const ClipTokenizer& tokenizer_;
  std::size_t length_;
  std::int64_t comma_;
  std::vector<PromptChunk> chunks_;
  std::vector<std::int64_t> ids_;
  std::vector<float> weights_;
  std::optional<std::size_t> comma_at_;  // the last one's place in the chunk
};

}  // namespace

std::vector<PromptChunk> chunk_prompt(const ClipTokenizer& tokenizer,
                                      const std::vector<PromptSection>& sections,
                                      std::size_t length, const std::vector<LearnedWord>& words) {
  if (length < 3) throw UsageError("a prompt needs room for a token between its begin and end");
  const std::vector<Spelling> spellings = spellings_of(tokenizer, words);
  Chunker chunker(tokenizer, length);
  for (const PromptSection& section : sections) {
    const std::vector<Piece> pieces = pieces_of(tokenizer, section, spellings);
    const bool last = &section == &sections.back();
    for (const Piece& piece : pieces) chunker.add(piece);
    if (chunker.has_tokens() || (pieces.empty() && !last)) chunker.end_chunk();
  }
  if (!chunker.has_chunks()) chunker.end_chunk();
  return std::move(chunker).chunks();
}

}  // namespace velatura::tokenizer
