#pragma once

#include <string>

#include "terminal/protocol.h"
#include "velatura/image.h"

namespace velatura::terminal {

/// Each gives what to write to a terminal so that the picture appears at the cursor, pixel for
/// pixel. The cursor is left on the picture's last row: a line end belongs behind.

/// As PNG in chunks (https://sw.kovidgoyal.net/kitty/graphics-protocol); the terminal is asked for
/// no answer.
std::string kitty(const Image& image);

/// As PNG in one control string (https://iterm2.com/documentation-images.html).
std::string iterm2(const Image& image);

/// In at most 256 colours (VT330/VT340 Programmer Reference Manual, vol. 2, chapter 14).
std::string sixel(const Image& image);

/// As text: every character is two pixels, one above the other.
std::string half_blocks(const Image& image, Colours colours);

}  // namespace velatura::terminal
