#include <gmock/gmock.h>

#include "cli/velatura.h"

namespace velatura::testing {
namespace {

using ::testing::HasSubstr;

// What OpenMP's runtime says that it was told.
std::string told(std::vector<std::string> environment) {
  std::vector<std::string>& arguments = environment;
  arguments.insert(arguments.begin(), {"-u", "OMP_WAIT_POLICY", "OMP_DISPLAY_ENV=true"});
  arguments.insert(arguments.end(), {VELATURA_PROGRAM, "--version"});
  const Outcome outcome = run_program("/usr/bin/env", {.arguments = arguments});
  EXPECT_TRUE(succeeded(outcome));
  return outcome.err;
}

TEST(PassiveThreads, AreWhatTheProgramRunsWithUnlessToldOtherwise) {
  EXPECT_THAT(told({}), HasSubstr("OMP_WAIT_POLICY = 'PASSIVE'"));
  EXPECT_THAT(told({"OMP_WAIT_POLICY=active"}), HasSubstr("OMP_WAIT_POLICY = 'ACTIVE'"));
}

}  // namespace
}  // namespace velatura::testing
