#include "tokenizer/weighted_prompt.h"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>

#include "core/text.h"
#include "tokenizer/unicode.h"
#include "velatura/error.h"

namespace velatura::tokenizer {
namespace {

constexpr double kStep = 1.1;
constexpr double kLargestWeight = 1000;
constexpr std::string_view kBlanks = " \t\n\v\f\r";
constexpr auto npos = std::string_view::npos;

[[noreturn]] void refuse(const std::string& what) {
  throw UsageError("the prompt has " + what +
                       ", which prompt-syntax webui does not support; a backslash before it makes "
                       "it text",
                   {"prompt-syntax"});
}

bool is_word_character(char32_t c) {
  const CharClass found = char_class(c);
  return c == '_' || found == CharClass::letter || found == CharClass::number;
}

// How many of the text's first characters (bytes) can be part of a word.
std::size_t word_length(std::string_view text) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < text.size() && is_word_character(*next_code_point(text, i));) end = i;
  return end;
}

class Parser {
 public:
  explicit Parser(std::string_view prompt) : rest_(prompt) {}

  std::vector<PromptSection> parse() {
    while (!rest_.empty()) step();
    while (!round_.empty()) close(round_, kStep);
    while (!square_.empty()) close(square_, 1 / kStep);
    return sections();
  }

 private:
  void step() {
    if (take("\\")) {
      if (!rest_.empty()) take_text();
    } else if (take_word("BREAK")) {
      breaks_.push_back(text_.size());
    } else if (take("(")) {
      round_.push_back(text_.size());
    } else if (take("[")) {
      square_.push_back(text_.size());
    } else if (!round_.empty() && take(")")) {
      close(round_, kStep);
    } else if (!square_.empty() && take("]")) {
      close(square_, 1 / kStep);
    } else if (const auto weight = round_.empty() ? std::nullopt : take_number(')')) {
      close(round_, *weight);
    } else {
      refuse_unsupported();
      take_text();
    }
  }

  bool take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    in_word_ = false;
    return true;
  }

  bool take_word(std::string_view word) {
    return !in_word_ && rest_.starts_with(word) && word_length(rest_) == word.size() && take(word);
  }

  void take_text() {
    std::size_t length = 0;
    in_word_ = is_word_character(*next_code_point(rest_, length));
    text_ += rest_.substr(0, length);
    weights_.resize(text_.size(), 1.0);
    rest_.remove_prefix(length);
  }

  // ":", a number and the bracket, with or without blanks around the number.
  std::optional<double> take_number(char bracket) {
    if (!rest_.starts_with(':')) return std::nullopt;
    const std::size_t first = rest_.find_first_not_of(kBlanks, 1);
    if (first == npos) return std::nullopt;
    const std::size_t digits = first + (rest_[first] == '+' || rest_[first] == '-' ? 1 : 0);
    const std::size_t end = rest_.find_first_not_of(".0123456789", digits);
    if (end == npos || end == digits) return std::nullopt;
    const std::size_t behind = rest_.find_first_not_of(kBlanks, end);
    if (behind == npos || rest_[behind] != bracket) return std::nullopt;

    const std::string_view number = rest_.substr(digits, end - digits);
    double value = 0;
    const auto [stop, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error != std::errc() || stop != number.data() + number.size()) {
      throw UsageError("the prompt has the weight " + std::string(number) + ", which is no number");
    }
    if (rest_[first] == '-') value = -value;
    take(rest_.substr(0, behind + 1));
    return value;
  }

  void refuse_unsupported() {
    if (take_word("AND")) refuse("AND (several prompts)");
    if (!square_.empty() && rest_.starts_with('|')) refuse("[a|b] (alternation)");
    if (!square_.empty() && take_number(']')) refuse("[from:to:when] (scheduling)");
    if (rest_.starts_with('<')) {
      const std::size_t name = word_length(rest_.substr(1));
      if (name > 0 && rest_.substr(1 + name).starts_with(':'))
        refuse(std::string(rest_.substr(0, 1 + name)) + ":…> (extra networks)");
    }
    if (rest_.starts_with('{')) {
      const std::size_t end = rest_.find('}');
      if (end != npos && rest_.find('|') < end) refuse("{a|b} (wildcards)");
    }
    if (!in_word_ && rest_.starts_with("__")) {
      const std::size_t end = rest_.find("__", 2);
      if (end != npos && end > 2 && rest_.find_first_of(kBlanks) > end)
        refuse("__name__ (wildcards)");
    }
  }

  // What came since the innermost such bracket was opened counts `factor` times as much.
  void close(std::vector<std::size_t>& brackets, double factor) {
    for (std::size_t i = brackets.back(); i < weights_.size(); ++i) {
      weights_[i] *= factor;
      if (std::abs(weights_[i]) > kLargestWeight)
        throw UsageError("the prompt has a weight beyond 1000");
    }
    brackets.pop_back();
  }

  std::vector<PromptSection> sections() const {
    std::vector<PromptSection> result(1);
    auto next_break = breaks_.begin();
    for (std::size_t i = 0; i <= text_.size(); ++i) {
      for (; next_break != breaks_.end() && *next_break == i; ++next_break) result.emplace_back();
      if (i == text_.size()) break;
      PromptSection& section = result.back();
      if (section.empty() || section.back().weight != weights_[i])
        section.push_back({"", weights_[i]});
      section.back().text += text_[i];
    }
    return result;
  }

  std::string_view rest_;
  bool in_word_ = false;                     // the character before `rest_` belongs to a word
  std::string text_;                         // without brackets and backslashes
  std::vector<double> weights_;              // of each byte of `text_`
  std::vector<std::size_t> breaks_;          // where in `text_` a section begins
  std::vector<std::size_t> round_, square_;  // where in `text_` what the open brackets hold begins
};

}  // namespace

std::vector<PromptSection> parse_weighted_prompt(std::string_view prompt) {
  if (!is_utf8(prompt)) throw InputError("prompt: not valid UTF-8");
  return Parser(prompt).parse();
}

}  // namespace velatura::tokenizer
