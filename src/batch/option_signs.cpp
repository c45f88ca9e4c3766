#include "batch/option_signs.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "batch/blanks.h"
#include "batch/flag_line.h"
#include "batch/settings.h"
#include "velatura/error.h"

namespace velatura::batch {
namespace {

constexpr std::array<std::string_view, 9> kDashes{"-",      "\u2010", "\u2011", "\u2012", "\u2013",
                                                  "\u2014", "\u2015", "\u2212", "\uFF0D"};

std::size_t dash_at(std::string_view text, std::size_t i) {
  if (i >= text.size()) return 0;
  const auto stands_there = [rest = text.substr(i)](std::string_view dash) {
    return rest.starts_with(dash);
  };
  const auto found = std::ranges::find_if(kDashes, stands_there);
  return found == kDashes.end() ? 0 : found->size();
}

bool is_of_a_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

/// Dashes, and a word right behind them.
struct Sign {
  std::string_view dashes, word;
  bool is_apart;   ///< from what is before it
  bool has_value;  ///< behind '=', or a number behind a blank

  bool is_plain() const { return dashes.find_first_not_of('-') == dashes.npos; }
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool has_value(std::string_view behind) {
  if (behind.starts_with('=')) return true;
  behind = without_blanks_around(behind);
  return !behind.empty() && is_digit(behind.front());
}

// By a letter after one dash: -W, or -W512.
std::string by_letter(std::string_view word, const KnownOptions& known) {
  const auto letter = known.letters.find(word.front());
  const bool is_letter = std::ranges::all_of(word.substr(1), is_digit);
  return letter == known.letters.end() || !is_letter ? "" : letter->second;
}

// The option that was meant; empty if none was.
std::string meant(const Sign& sign, const KnownOptions& known) {
  const std::string word(sign.word);
  const bool by_name = word.size() >= 3 && known.names.contains(with_dashes(word));
  if (sign.dashes == "--") return by_name && !sign.is_apart && sign.has_value ? word : "";
  if (!sign.is_apart || by_name) return by_name && sign.is_apart ? word : "";
  if (sign.dashes == "-") return by_letter(word, known);
  if (sign.is_plain()) return "";
  const std::string full = name_of_letters(word);
  if (full != word) return full;
  return sign.has_value || word.size() > 1 ? by_letter(word, known) : "";
}

}  // namespace

void check_option_signs(std::string_view text, const KnownOptions& known) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t begin = i;
    while (const std::size_t size = dash_at(text, i)) i += size;
    const std::size_t word = i;
    if (word == begin) {
      ++i;
      continue;
    }
    while (i < text.size() && is_of_a_name(text[i])) ++i;
    const bool ends = i == text.size() || text[i] == '=' || blank_at(text, i) > 0;
    if (i == word || !ends || std::isalpha(static_cast<unsigned char>(text[word])) == 0) continue;
    const Sign sign{text.substr(begin, word - begin), text.substr(word, i - word),
                    is_apart(text, begin), has_value(text.substr(i))};
    const std::string name = meant(sign, known);
    if (name.empty()) continue;
    throw UsageError("'" + std::string(text.substr(begin, i - begin)) +
                     "': the option is written --" + name +
                     " here, with a blank before it; what is text goes into {\"prompt\": …}");
  }
}

}  // namespace velatura::batch
