#pragma once

#include <string_view>

namespace velatura::terminal {

/// Whether a terminal's answer to "primary device attributes" (DA1), as "\033[?62;4;22c", has sixel
/// graphics (4) among its features.
bool has_sixel(std::string_view answer);

/// Asks a terminal, and waits a second at most for its answer. It is not asked, and the answer is
/// no, where that could take keys from somebody: while this process is in the background or
/// something has been typed already.
/// @param terminal  a descriptor of the process's controlling terminal
bool asks_for_sixel(int terminal);

}  // namespace velatura::terminal
