#include "terminal/detect.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace velatura::terminal {
namespace {

/// A variable, and the value it has on some terminal; one that ends in * only begins so.
struct Sign {
  const char* variable;
  std::string_view value;
  Protocol protocol;
};

// The first that fits decides.
constexpr std::array<Sign, 17> kSigns{{{"TMUX", "*", Protocol::half_blocks},
                                       {"STY", "*", Protocol::half_blocks},
                                       {"TERM", "tmux*", Protocol::half_blocks},
                                       {"TERM", "screen*", Protocol::half_blocks},
                                       {"KITTY_WINDOW_ID", "*", Protocol::kitty},
                                       {"TERM", "xterm-kitty", Protocol::kitty},
                                       {"TERM", "xterm-ghostty", Protocol::kitty},
                                       {"TERM_PROGRAM", "ghostty", Protocol::kitty},
                                       {"TERM_PROGRAM", "iTerm.app", Protocol::iterm2},
                                       {"TERM_PROGRAM", "WezTerm", Protocol::iterm2},
                                       {"TERM_PROGRAM", "mintty", Protocol::iterm2},
                                       {"LC_TERMINAL", "iTerm2", Protocol::iterm2},
                                       {"KONSOLE_VERSION", "*", Protocol::sixel},
                                       {"TERM", "foot*", Protocol::sixel},
                                       {"TERM", "mlterm*", Protocol::sixel},
                                       {"TERM", "contour*", Protocol::sixel},
                                       {"TERM", "yaft*", Protocol::sixel}}};

bool fits(std::string_view value, std::string_view pattern) {
  if (value.empty() || !pattern.ends_with('*')) return value == pattern;
  pattern.remove_suffix(1);
  return value.starts_with(pattern);
}

}  // namespace

Detection detect_protocol(const Traits& traits) {
  const std::string term = traits.variable("TERM");
  if (!traits.is_terminal) return {Protocol::none, "standard error is not a terminal"};
  if (!traits.variable("NO_COLOR").empty()) return {Protocol::none, "NO_COLOR is set"};
  if (term.empty() || term == "dumb") {
    return {Protocol::none, "TERM names no terminal that has colours"};
  }
  const auto sign = std::ranges::find_if(kSigns, [&traits](const Sign& candidate) {
    return fits(traits.variable(candidate.variable), candidate.value);
  });
  if (sign != kSigns.end()) return {sign->protocol};
  return {traits.says_sixel() ? Protocol::sixel : Protocol::half_blocks};
}

Colours detect_colours(const std::function<std::string(const std::string&)>& variable) {
  const std::string claim = variable("COLORTERM");
  const bool many = claim == "truecolor" || claim == "24bit" || !variable("WT_SESSION").empty() ||
                    variable("TERM").ends_with("-direct");
  return many ? Colours::true_colour : Colours::palette_256;
}

}  // namespace velatura::terminal
