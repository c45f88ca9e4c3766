#include "cli/interrupt.h"

#include <gtest/gtest.h>

#include <csignal>

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
