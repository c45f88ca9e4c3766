#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace velatura::tokenizer {

/// A word that the vocabulary does not have and a text encoder was taught: several tokens in a row,
/// with ids behind the vocabulary's.
struct LearnedWord {
  std::string text;
  std::int64_t first_id = 0;
  std::size_t tokens = 1;

  bool operator==(const LearnedWord&) const = default;
};

}  // namespace velatura::tokenizer
