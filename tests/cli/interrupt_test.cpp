#include "cli/interrupt.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "core/atomic_file.h"
#include "support/run_program.h"

namespace velatura::cli {
namespace {

TEST(Interrupt, FirstSignalOnlyAsks) {
  const auto ask = [](int signal) {
    const InterruptGuard guard;
    if (guard.requested()) std::_Exit(1);
    raise(signal);
    std::_Exit(guard.requested() ? interruption_exit_code() : 2);
  };
  EXPECT_EXIT(ask(SIGINT), ::testing::ExitedWithCode(130), "stopping; Ctrl-C again stops at once");
  EXPECT_EXIT(ask(SIGTERM), ::testing::ExitedWithCode(143), "stopping");
}

TEST(Interrupt, SecondSignalEndsTheProcess) {
  const auto insist = [] {
    const InterruptGuard guard;
    raise(SIGINT);
    raise(SIGINT);
    std::_Exit(1);
  };
  EXPECT_EXIT(insist(), ::testing::ExitedWithCode(130), "stopping");
}

TEST(Interrupt, WorkThatDoesNotStopIsNotWaitedFor) {
  const testing::TemporaryFolder folder;
  const auto stuck = [&](int signal, FirstInterrupt first) {
    const InterruptGuard guard(first);
    const AtomicFile half(folder / "half.png");
    raise(signal);
    for (;;) pause();
  };
  EXPECT_EXIT(stuck(SIGINT, FirstInterrupt::stops), ::testing::ExitedWithCode(130), "stopping");
  EXPECT_EXIT(stuck(SIGTERM, FirstInterrupt::stops), ::testing::ExitedWithCode(143), "stopping");
  EXPECT_EXIT(stuck(SIGTERM, FirstInterrupt::finishes), ::testing::ExitedWithCode(143), "");
  EXPECT_TRUE(folder.files().empty());
}

TEST(Interrupt, WorkThatStopsIsNotEnded) {
  const auto stops = [] {
    {
      const InterruptGuard guard;
      raise(SIGINT);
    }
    std::this_thread::sleep_for(std::chrono::seconds(2));
    std::_Exit(7);
  };
  EXPECT_EXIT(stops(), ::testing::ExitedWithCode(7), "stopping");
}

TEST(Interrupt, SignalsWorkAsBeforeAfterwards) {
  const auto after = [] {
    std::signal(SIGINT, SIG_DFL);  // whoever started the tests may have ignored it
    { const InterruptGuard guard; }
    raise(SIGINT);
    std::_Exit(1);
  };
  EXPECT_EXIT(after(), ::testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace velatura::cli
