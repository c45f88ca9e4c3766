#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace velatura::tokenizer {

/// A prompt as a text encoder takes it.
struct Encoding {
  std::vector<std::int64_t> ids;  ///< [max_length]: BOS, tokens, EOS, padding
  std::size_t tokens = 0;         ///< tokens of the whole prompt, without BOS and EOS
  std::string dropped;            ///< the text that did not fit; empty if all of it did

  /// How many of the ids are no padding: BOS, the tokens that fit, EOS.
  std::size_t seen() const { return tokens + 2 < ids.size() ? tokens + 2 : ids.size(); }
};

/// For people, of a text that did not fit: what was left out. Empty if all of it did.
/// @param name    of the text: "prompt"
/// @param reader  of the ids: "model"
std::string shortfall(const Encoding& encoding, const std::string& name, const std::string& reader);

}  // namespace velatura::tokenizer
