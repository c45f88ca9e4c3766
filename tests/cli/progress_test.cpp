#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <csignal>

#include "cli/velatura.h"

namespace velatura::testing {
namespace {

using ::testing::HasSubstr;

TEST(Progress, WithoutATerminalAShortRunSaysNothing) {
  const Outcome outcome = tiny({"-o", "-", "--sampler", "ddim"});
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_EQ(outcome.err, "seed 5\n");
}

TEST(Progress, OnATerminalIsABar) {
  const Outcome outcome =
      run_velatura(on_terminal(tiny_run({"-o", "-", "--steps", "4", "--sampler", "ddim"})));
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_THAT(outcome.err, HasSubstr("\r\033[Kdenoising [########################] 4/4"));
}

TEST(Progress, NoBarOnADumbTerminalOrWithoutColour) {
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"TERM", "dumb"}, {"NO_COLOR", "1"}}) {
    Child run = on_terminal(tiny_run({"-o", "-", "--sampler", "ddim"}));
    run.environment[name] = value;
    const Outcome outcome = run_velatura(run);
    ASSERT_TRUE(succeeded(outcome));
    EXPECT_EQ(outcome.err, "seed 5\r\n") << name;
  }
}

TEST(Progress, CanBeTurnedOff) {
  const Outcome outcome = tiny({"-o", "-", "--no-progress"});
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_EQ(outcome.err, "seed 5\n");
}

TEST(Progress, SaysWhichPictures) {
  const TemporaryFolder folder;
  const Outcome outcome = run_velatura(on_terminal(
      tiny_run({"-n", "3", "--batch-size", "2", "--sampler", "ddim", "-o", folder / "a.png"})));
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_THAT(outcome.err, HasSubstr("pictures 1-2/3, denoising [######"));
  EXPECT_THAT(outcome.err, HasSubstr("picture 3/3, denoising [######"));
}

TEST(Interruption, EndsCleanlyBetweenSteps) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const TemporaryFolder folder;
    Child run = on_terminal(tiny_run({"--steps", "500", "-n", "50", "-o", folder / "a.png"}));
    run.signal = signal;
    run.signal_when = "denoising";
    const Outcome outcome = run_velatura(run);
    EXPECT_EQ(outcome.exit_code, 128 + signal);
    EXPECT_THAT(outcome.err, HasSubstr("velatura: stopping"));
    EXPECT_EQ(folder.files(), std::vector<std::string>{});
  }
}

TEST(Interruption, EndsWhereNobodyReadsThePicture) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const TemporaryFolder folder;
    ASSERT_EQ(mkfifo((folder / "a.png").c_str(), 0600), 0);
    Child run = on_terminal(tiny_run({"--sampler", "ddim", "-o", folder / "a.png"}));
    run.signal = signal;
    run.signal_when = "] 2/2";
    EXPECT_EQ(run_velatura(run).exit_code, 128 + signal);
  }
}

}  // namespace
}  // namespace velatura::testing
