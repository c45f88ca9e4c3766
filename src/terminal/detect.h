#pragma once

#include <functional>
#include <string>

#include "terminal/protocol.h"

namespace velatura::terminal {

/// What tells terminals apart.
struct Traits {
  bool is_terminal = false;
  std::function<std::string(const std::string&)> variable;  ///< of the environment; "": not set
  std::function<bool()> says_sixel;  ///< asked only where the environment does not tell
};

struct Detection {
  Protocol protocol = Protocol::none;
  std::string why_none = {};  ///< the reason, for people, where it is none
};

/// The best way to show a picture. Inside tmux and screen, which let no graphics through, it is
/// half blocks.
Detection detect_protocol(const Traits& traits);

/// How many colours text can have.
Colours detect_colours(const std::function<std::string(const std::string&)>& variable);

}  // namespace velatura::terminal
