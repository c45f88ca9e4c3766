#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace velatura::tokenizer {

/// What sentencepiece models replace characters with, their `precompiled_charsmap`, applied as the
/// tokenizers library below transformers does it, which is not as sentencepiece does: a cluster of less
/// than six bytes becomes what stands for its shortest beginning that the map has, and of others each
/// character does. A combining mark behind a full-width letter, say, is dropped so.
class CharactersMap {
 public:
  /// @param bytes  the size in bytes of a double-array trie (Yata 2008) in four bytes, that trie, and
  ///               texts that end with NUL; empty: nothing is replaced
  /// @param where  for messages @throws InputError
  CharactersMap(std::string_view bytes, const std::string& where);

  /// @param text UTF-8 @throws InputError where the map leads nowhere
  std::string normalised(std::string_view text) const;

 private:
  std::optional<std::string_view> replacement(std::string_view text) const;
  std::uint32_t unit(std::uint32_t place) const;
  [[noreturn]] void damaged() const;

  std::string where_;
  std::vector<std::uint32_t> trie_;
  std::string texts_;
};

}  // namespace velatura::tokenizer
