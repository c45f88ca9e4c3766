#pragma once

namespace velatura::terminal {

/// How a picture is put on a terminal.
enum class Protocol {
  none,
  kitty,        ///< kitty's terminal graphics protocol
  iterm2,       ///< iTerm2's inline images
  sixel,        ///< DEC's bands of six pixels
  half_blocks,  ///< characters whose upper and lower half have a colour each
};

enum class Colours { palette_256, true_colour };

}  // namespace velatura::terminal
