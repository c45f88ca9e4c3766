#include "batch/blanks.h"

#include <algorithm>
#include <array>

namespace velatura::batch {
namespace {

constexpr std::string_view kAscii = " \t\r\f\v";
constexpr std::array<std::string_view, 18> kOthers{
    "\u00A0", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007",
    "\u2008", "\u2009", "\u200A", "\u202F", "\u205F", "\u3000", "\u200B", "\u2060", "\uFEFF"};

}  // namespace

std::size_t blank_at(std::string_view text, std::size_t i) {
  if (i >= text.size()) return 0;
  if (kAscii.find(text[i]) != kAscii.npos) return 1;
  const auto stands_there = [rest = text.substr(i)](std::string_view blank) {
    return rest.starts_with(blank);
  };
  const auto found = std::ranges::find_if(kOthers, stands_there);
  return found == kOthers.end() ? 0 : found->size();
}

bool is_apart(std::string_view text, std::size_t i) {
  if (i == 0) return true;
  const std::string_view before = text.substr(0, i);
  return kAscii.find(before.back()) != kAscii.npos ||
         std::ranges::any_of(kOthers,
                             [before](std::string_view blank) { return before.ends_with(blank); });
}

std::string_view without_blanks_around(std::string_view text) {
  while (const std::size_t size = blank_at(text, 0)) text.remove_prefix(size);
  while (!text.empty() && is_apart(text, text.size())) {
    std::size_t begin = text.size() - 1;
    while (blank_at(text, begin) != text.size() - begin) --begin;
    text.remove_suffix(text.size() - begin);
  }
  return text;
}

}  // namespace velatura::batch
