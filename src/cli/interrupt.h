#pragma once

#include <csignal>

namespace velatura::cli {

/// What the first SIGINT asks for.
enum class FirstInterrupt {
  stops,     ///< an end between two steps
  finishes,  ///< an end after the pictures in work; the second then stops between two steps
};

/// While one lives, SIGINT and SIGTERM only ask for an end (and say so on stderr), so that the work
/// can stop in good order; one signal more ends the process at once. SIGTERM is never patient.
class InterruptGuard {
 public:
  explicit InterruptGuard(FirstInterrupt first = FirstInterrupt::stops);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// The work should stop between two steps.
  bool requested() const;
  /// Nothing new should be begun.
  bool finishing() const;

 private:
  struct sigaction previous_int_ {};
  struct sigaction previous_term_ {};
};

/// 128 + the signal that asked for the end; that of SIGINT if there was none.
int interruption_exit_code();

}  // namespace velatura::cli
