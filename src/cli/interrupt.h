#pragma once

#include <csignal>

namespace velatura::cli {

/// While one lives, the first SIGINT or SIGTERM only asks for an end (and says so on stderr), so
/// that the work can stop between two steps; the second ends the process at once.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  bool requested() const;

 private:
  struct sigaction previous_int_ {};
  struct sigaction previous_term_ {};
};

/// 128 + the signal that asked for the end; that of SIGINT if there was none.
int interruption_exit_code();

}  // namespace velatura::cli
