#include "tokenizer/web_ui_syntax.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace velatura::tokenizer {
namespace {

bool is_weight(std::string_view text) {
  const auto is_of_a_number = [](unsigned char c) { return std::isdigit(c) != 0 || c == '.'; };
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return !text.empty() && std::ranges::all_of(text, is_of_a_number) &&
         std::ranges::any_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

// "(x:1.3)" of which this is the closing bracket.
std::string_view weighted(std::string_view prompt, std::size_t close) {
  const std::string_view before = prompt.substr(0, close);
  const std::size_t open = before.find_last_of("()"), colon = before.rfind(':');
  if (open == before.npos || before[open] != '(' || colon == before.npos || colon < open + 2)
    return {};
  const bool escaped = open > 0 && before[open - 1] == '\\';
  if (escaped || !is_weight(before.substr(colon + 1))) return {};
  return prompt.substr(open, close + 1 - open);
}

// "<lora:x:1>", which begins here.
std::string_view network(std::string_view prompt) {
  constexpr std::array<std::string_view, 4> kKinds{"<lora:", "<lyco:", "<hypernet:", "<embedding:"};
  const std::size_t end = prompt.find('>');
  const bool begins = std::ranges::any_of(
      kKinds, [prompt](std::string_view kind) { return prompt.starts_with(kind); });
  return begins && end != prompt.npos ? prompt.substr(0, end + 1) : std::string_view();
}

// "BREAK", if it begins here and is a word.
std::string_view word_break(std::string_view prompt, std::size_t at) {
  constexpr std::string_view kBreak = "BREAK";
  const auto is_letter = [prompt](std::size_t i) {
    return i < prompt.size() && std::isalnum(static_cast<unsigned char>(prompt[i])) != 0;
  };
  const bool alone = (at == 0 || !is_letter(at - 1)) && !is_letter(at + kBreak.size());
  return alone && prompt.substr(at).starts_with(kBreak) ? kBreak : std::string_view();
}

}  // namespace

std::string web_ui_syntax_in(std::string_view prompt) {
  for (std::size_t at = 0; at < prompt.size(); ++at) {
    std::string_view found;
    if (prompt[at] == ')') found = weighted(prompt, at);
    if (prompt[at] == '<') found = network(prompt.substr(at));
    if (prompt[at] == 'B') found = word_break(prompt, at);
    if (!found.empty()) return std::string(found);
  }
  return "";
}

}  // namespace velatura::tokenizer
