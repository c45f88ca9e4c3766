#include "tokenizer/byte_pair_encoder.h"

#include <cstddef>
#include <queue>
#include <tuple>

#include "tokenizer/byte_alphabet.h"
#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// A word while it is merged: a doubly linked list in which merged-away symbols stay behind.
struct Symbol {
  std::int64_t token;
  std::size_t previous, next;
  bool alive = true;
};

struct Candidate {
  std::uint32_t rank;
  std::size_t position;
  std::int64_t token;
  bool operator>(const Candidate& other) const {
    return std::tie(rank, position) > std::tie(other.rank, other.position);
  }
};

std::uint64_t key(std::int64_t left, std::int64_t right) {
  return static_cast<std::uint64_t>(left) << 32u | static_cast<std::uint64_t>(right);
}

}  // namespace

BytePairEncoder::BytePairEncoder(const std::unordered_map<std::string, std::int64_t>& ids,
                                 const std::vector<std::pair<std::string, std::string>>& merges,
                                 std::int64_t unk, const std::string& where) {
  const auto id_or_unk = [&](const std::string& token) {
    const auto found = ids.find(token);
    return found == ids.end() ? unk : found->second;
  };
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const std::string symbol = printable(static_cast<std::uint8_t>(byte));
    inner_[byte] = id_or_unk(symbol);
    last_[byte] = id_or_unk(symbol + "</w>");
  }
  merges_.reserve(merges.size());
  std::uint32_t rank = 0;
  for (const auto& merge : merges) {
    const auto& left = merge.first;
    const auto& right = merge.second;
    const auto id = [&](const std::string& token) {
      const auto found = ids.find(token);
      if (found != ids.end()) return found->second;
      throw InputError(where + ": merge " + std::to_string(rank + 1) + " (" + left + " " + right +
                       "): no token " + token + " in the vocabulary");
    };
    merges_[key(id(left), id(right))] = {rank, id(left + right)};
    ++rank;
  }
}

const BytePairEncoder::Merge* BytePairEncoder::find_merge(std::int64_t left,
                                                          std::int64_t right) const {
  const auto found = merges_.find(key(left, right));
  return found == merges_.end() ? nullptr : &found->second;
}

void BytePairEncoder::encode(std::string_view word, std::vector<std::int64_t>& tokens) const {
  if (word.empty()) return;
  std::vector<Symbol> symbols(word.size());
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool is_last = i + 1 == word.size();
    symbols[i] = {(is_last ? last_ : inner_)[static_cast<std::uint8_t>(word[i])],
                  i == 0 ? kNone : i - 1, is_last ? kNone : i + 1};
  }

  std::vector<Candidate> initial;
  initial.reserve(word.size());
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue(std::greater<>(),
                                                                               std::move(initial));
  const auto consider = [&](std::size_t left) {
    if (left == kNone || symbols[left].next == kNone) return;
    const Merge* merge = find_merge(symbols[left].token, symbols[symbols[left].next].token);
    if (merge) queue.push({merge->rank, left, merge->token});
  };
  for (std::size_t i = 0; i < symbols.size(); ++i) consider(i);

  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    Symbol& left = symbols[best.position];
    if (!left.alive || left.next == kNone) continue;
    Symbol& right = symbols[left.next];
    // A candidate is stale once one of its two symbols has changed.
    const Merge* merge = find_merge(left.token, right.token);
    if (!merge || merge->token != best.token) continue;
    left.token = merge->token;
    right.alive = false;
    left.next = right.next;
    if (left.next != kNone) symbols[left.next].previous = best.position;
    consider(left.previous);
    consider(best.position);
  }
  for (std::size_t i = 0; i != kNone; i = symbols[i].next) tokens.push_back(symbols[i].token);
}

}  // namespace velatura::tokenizer
