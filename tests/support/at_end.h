#pragma once

#include <cstdlib>

namespace velatura::testing {

/// Has it called at the process's end: an ordinary one, or velatura's own (core/end_process.h).
inline void at_end(void (*call)()) {
  std::atexit(call);
  std::at_quick_exit(call);
}

}  // namespace velatura::testing
