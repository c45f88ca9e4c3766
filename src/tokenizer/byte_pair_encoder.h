#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace velatura::tokenizer {

/// Byte-pair encoding of single words (Sennrich et al. 2016) over bytes, the last byte of a word
/// being another symbol than the same byte elsewhere.
class BytePairEncoder {
 public:
  /// @param ids     tokens in the printable byte alphabet
  /// @param merges  pairs of tokens, best first; of equal pairs the last counts
  /// @param unk     id of a byte that has no token
  /// @param where   for messages
  /// @throws InputError if a merge's parts or its result are not among the tokens
  BytePairEncoder(const std::unordered_map<std::string, std::int64_t>& ids,
                  const std::vector<std::pair<std::string, std::string>>& merges, std::int64_t unk,
                  const std::string& where);

  /// Appends the word's tokens: the best-ranked pair is merged, the leftmost of several, until no
  /// pair can be. O(n log n) in the length of the word.
  void encode(std::string_view word, std::vector<std::int64_t>& tokens) const;

 private:
  struct Merge {
    std::uint32_t rank;
    std::int64_t token;
  };
  const Merge* find_merge(std::int64_t left, std::int64_t right) const;

  std::array<std::int64_t, 256> inner_;              // id of a byte inside a word
  std::array<std::int64_t, 256> last_;               // id of a byte at the end of a word
  std::unordered_map<std::uint64_t, Merge> merges_;  // by left id << 32 | right id
};

}  // namespace velatura::tokenizer
