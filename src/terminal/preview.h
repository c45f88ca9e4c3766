#pragma once

#include <string>

#include "terminal/protocol.h"
#include "terminal/screen.h"
#include "velatura/image.h"

namespace velatura::terminal {

/// The picture made smaller, so that it fits in keeping its proportions; one that fits is left as
/// it is.
Image shrink_to_fit(const Image& image, int width, int height);

/// A terminal that can show pictures in some way.
struct Display {
  Protocol protocol = Protocol::half_blocks;
  Colours colours = Colours::palette_256;
  Screen screen;
};

/// What to write so that the picture appears, shrunk to the terminal's columns and three quarters
/// of its rows; a line end belongs behind. Empty for Protocol::none.
std::string preview(const Image& image, const Display& display);

}  // namespace velatura::terminal
