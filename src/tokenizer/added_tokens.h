#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace velatura::tokenizer {

/// A token that is found in the text as it stands, before words are looked for.
struct AddedToken {
  std::string content;
  std::int64_t id = 0;
  bool normalized = false;  ///< found in the normalised text instead of the text as given
};

/// Splits text at a set of added tokens, the leftmost first and the longest of those that start
/// at the same place.
class AddedTokenFinder {
 public:
  AddedTokenFinder() = default;
  explicit AddedTokenFinder(std::vector<AddedToken> tokens);

  /// One that finds these, too; they go before others of the same text.
  AddedTokenFinder with(std::vector<AddedToken> tokens) const;

  /// Calls, in order, `on_text` for each stretch between added tokens and `on_token` for each.
  void split(std::string_view text, const std::function<void(std::string_view)>& on_text,
             const std::function<void(std::int64_t)>& on_token) const;

 private:
  const AddedToken* match(std::string_view text) const;

  std::vector<AddedToken> tokens_;  // longest first
  std::array<bool, 256> starts_{};  // bytes that a token starts with
};

}  // namespace velatura::tokenizer
