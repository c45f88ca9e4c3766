#pragma once

#include <csignal>
#include <thread>

namespace velatura::cli {

/// What the first SIGINT asks for.
enum class FirstInterrupt {
  stops,     ///< an end between two parts of a step
  finishes,  ///< an end after the pictures in work; the second then stops between two parts
};

/// While one lives, SIGINT and SIGTERM only ask for an end (and say so on stderr), so that the work
/// can stop in good order; one signal more ends the process at once. SIGTERM is never patient.
/// Work that does not stop soon, as where it waits for a pipe's other end, a slow file system or a
/// very large operator, is not waited for: the process ends without it, and leaves no temporary
/// file. There is one at a time.
class InterruptGuard {
 public:
  explicit InterruptGuard(FirstInterrupt first = FirstInterrupt::stops);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// The work should stop between two parts of a step.
  bool requested() const;
  /// Nothing new should be begun.
  bool finishing() const;

 private:
  struct sigaction previous_int_ {};
  struct sigaction previous_term_ {};
  std::jthread watch_;
};

/// 128 + the signal that asked for the end; that of SIGINT if there was none.
int interruption_exit_code();

}  // namespace velatura::cli
