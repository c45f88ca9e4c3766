#pragma once

namespace velatura::terminal {

/// A terminal's size: characters, and pixels a character has.
struct Screen {
  int columns = 80;
  int rows = 24;
  int cell_width = 8;
  int cell_height = 16;
};

/// What the terminal behind a descriptor says (TIOCGWINSZ); the values above where it does not.
Screen screen_of(int terminal);

}  // namespace velatura::terminal
