#pragma once

#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace velatura {

/// Ends the process, after what it wrote, as returning from main() does, but takes nothing apart: at
/// an ordinary end libtorch unregisters thousands of operators one by one, which lasts as long as
/// registering them. For main() and what stands for it: no destructor runs but those of functions that have returned.
[[noreturn]] inline void end_process(int code) {
  std::cout.flush();
  std::fflush(nullptr);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  std::exit(code);  // they report at an ordinary end
#else
  std::quick_exit(code);
#endif
}

}  // namespace velatura
