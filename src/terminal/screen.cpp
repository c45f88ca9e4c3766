#include "terminal/screen.h"

#include <sys/ioctl.h>

namespace velatura::terminal {

Screen screen_of(int terminal) {
  Screen screen;
  winsize size{};
  if (ioctl(terminal, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
    return screen;
  screen.columns = size.ws_col;
  screen.rows = size.ws_row;
  if (size.ws_xpixel >= size.ws_col && size.ws_ypixel >= size.ws_row) {
    screen.cell_width = size.ws_xpixel / size.ws_col;
    screen.cell_height = size.ws_ypixel / size.ws_row;
  }
  return screen;
}

}  // namespace velatura::terminal
