#pragma once

#include <algorithm>
#include <string>

namespace velatura::cli {

/// A text of at least so many characters, with blanks behind it.
inline std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

}  // namespace velatura::cli
