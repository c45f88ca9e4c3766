#include "tokenizer/added_tokens.h"

#include <algorithm>
#include <utility>

namespace velatura::tokenizer {

AddedTokenFinder::AddedTokenFinder(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
  std::erase_if(tokens_, [](const AddedToken& token) { return token.content.empty(); });
  std::ranges::stable_sort(tokens_, std::ranges::greater(),
                           [](const AddedToken& token) { return token.content.size(); });
  for (const AddedToken& token : tokens_) {
    starts_[static_cast<std::uint8_t>(token.content.front())] = true;
  }
}

AddedTokenFinder AddedTokenFinder::with(std::vector<AddedToken> tokens) const {
  tokens.insert(tokens.end(), tokens_.begin(), tokens_.end());
  return AddedTokenFinder(std::move(tokens));
}

const AddedToken* AddedTokenFinder::match(std::string_view text) const {
  if (!starts_[static_cast<std::uint8_t>(text.front())]) return nullptr;
  const auto found = std::ranges::find_if(
      tokens_, [text](const AddedToken& token) { return text.starts_with(token.content); });
  return found == tokens_.end() ? nullptr : &*found;
}

void AddedTokenFinder::split(std::string_view text,
                             const std::function<void(std::string_view)>& on_text,
                             const std::function<void(std::int64_t)>& on_token) const {
  std::size_t begin = 0, i = 0;
  const auto flush = [&] {
    if (i > begin) on_text(text.substr(begin, i - begin));
  };
  while (i < text.size()) {
    if (const AddedToken* token = match(text.substr(i))) {
      flush();
      on_token(token->id);
      begin = i += token->content.size();
    } else {
      ++i;
    }
  }
  flush();
}

}  // namespace velatura::tokenizer
