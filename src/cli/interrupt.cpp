#include "cli/interrupt.h"

#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace velatura::cli {
namespace {

// A signal handler can reach nothing but what has static storage.
enum : std::sig_atomic_t { kWorking, kFinishing, kStopping };
volatile std::sig_atomic_t phase = kWorking;
volatile std::sig_atomic_t after_first_interrupt = kStopping;
volatile std::sig_atomic_t received_signal = 0;

void say(std::string_view message) {
  // Nothing can be done if stderr is gone.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, message.data(), message.size());
}

extern "C" void on_signal(int signal) {
  const int saved_errno = errno;
  if (phase == kStopping) _exit(128 + signal);
  received_signal = signal;
  phase = signal == SIGINT && phase == kWorking ? after_first_interrupt : kStopping;
  say(phase == kFinishing ? "\nvelatura: finishing what is in work; Ctrl-C again drops it\n"
      : signal == SIGINT  ? "\nvelatura: stopping; Ctrl-C again stops at once\n"
                          : "\nvelatura: stopping\n");
  errno = saved_errno;
}

}  // namespace

InterruptGuard::InterruptGuard(FirstInterrupt first) {
  after_first_interrupt = first == FirstInterrupt::finishes ? kFinishing : kStopping;
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, &previous_int_);
  sigaction(SIGTERM, &action, &previous_term_);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &previous_int_, nullptr);
  sigaction(SIGTERM, &previous_term_, nullptr);
}

bool InterruptGuard::requested() const {
  return phase == kStopping;
}

bool InterruptGuard::finishing() const {
  return phase != kWorking;
}

int interruption_exit_code() {
  return 128 + (received_signal != 0 ? received_signal : SIGINT);
}

}  // namespace velatura::cli
