#include "cli/interrupt.h"

#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <ctime>
#include <stop_token>
#include <string_view>

#include "core/quiet_thread.h"
#include "core/unfinished_files.h"

namespace velatura::cli {
namespace {

// A signal handler can reach nothing but what has static storage.
enum : std::sig_atomic_t { kWorking, kFinishing, kStopping };
volatile std::sig_atomic_t phase = kWorking;
volatile std::sig_atomic_t after_first_interrupt = kStopping;
volatile std::sig_atomic_t received_signal = 0;

// Posted once the work is to stop, and once nobody has to be watched any more.
sem_t news;

// How long the work is waited for. A batch also records what it has done.
constexpr std::chrono::milliseconds kPatience{1200}, kPatienceWithBatch{5000};

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
  if (phase == kStopping) sem_post(&news);
  errno = saved_errno;
}

void wait_for_news() {
  while (sem_wait(&news) != 0 && errno == EINTR) continue;
}

// @return false if there was none in that time
bool wait_for_news(std::chrono::milliseconds time) {
  const auto nanoseconds = std::chrono::nanoseconds(time).count();
  timespec until{};
  clock_gettime(CLOCK_MONOTONIC, &until);
  const auto sum = until.tv_nsec + nanoseconds % 1'000'000'000;
  until.tv_sec += nanoseconds / 1'000'000'000 + sum / 1'000'000'000;
  until.tv_nsec = sum % 1'000'000'000;
  int failed = 0;
  do {
    failed = sem_clockwait(&news, CLOCK_MONOTONIC, &until);
  } while (failed != 0 && errno == EINTR);
  return failed == 0;
}

// Whatever the other threads are doing. Removing files may itself wait for ever, but no longer than
// an alarm.
[[noreturn]] void end_process() {
  struct sigaction give_up {};
  give_up.sa_handler = [](int) { _exit(interruption_exit_code()); };
  sigaction(SIGALRM, &give_up, nullptr);
  sigset_t alarms;
  sigemptyset(&alarms);
  sigaddset(&alarms, SIGALRM);
  pthread_sigmask(SIG_UNBLOCK, &alarms, nullptr);
  alarm(1);
  remove_unfinished_files();
  _exit(interruption_exit_code());
}

void watch(const std::stop_token& over, std::chrono::milliseconds patience) {
  wait_for_news();
  if (over.stop_requested() || wait_for_news(patience)) return;
  end_process();
}

std::jthread start_watch(std::chrono::milliseconds patience) {
  return start_quiet_thread([patience](const std::stop_token& over) { watch(over, patience); });
}

}  // namespace

InterruptGuard::InterruptGuard(FirstInterrupt first) {
  const bool finishes = first == FirstInterrupt::finishes;
  after_first_interrupt = finishes ? kFinishing : kStopping;
  sem_init(&news, 0, 0);
  watch_ = start_watch(finishes ? kPatienceWithBatch : kPatience);
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
  watch_.request_stop();
  sem_post(&news);
  watch_.join();
  sem_destroy(&news);
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
