#include "core/name_claims.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <vector>

#include "support/run_program.h"

namespace velatura {
namespace {

namespace fs = std::filesystem;
using velatura::testing::TemporaryFolder;
using velatura::testing::write_text;

class NameClaimsTest : public ::testing::Test {
 protected:
  std::size_t files() const { return temporary_.files().size(); }

  // Runs what it is given in a process that is killed then.
  static void killed(const auto& work) {
    const pid_t child = ::fork();
    if (child == 0) {
      work();
      ::kill(::getpid(), SIGKILL);
    }
    ::waitpid(child, nullptr, 0);
  }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path(), a_ = folder_ / "a.png", b_ = folder_ / "b.png";
};

TEST_F(NameClaimsTest, ANameIsReservedForOne) {
  NameClaims first, second;
  EXPECT_TRUE(first.take(a_));
  EXPECT_TRUE(first.take(a_));
  EXPECT_FALSE(second.take(a_));
  EXPECT_TRUE(second.take(b_));
  first.give_back(a_);
  EXPECT_TRUE(second.take(a_));
}

TEST_F(NameClaimsTest, WhatIsThereIsNotNew) {
  NameClaims claims;
  write_text(a_, "");
  EXPECT_FALSE(claims.take_new(a_));
  EXPECT_TRUE(claims.take(a_));
  fs::create_symlink("nowhere", b_);
  EXPECT_FALSE(claims.take_new(b_));
}

TEST_F(NameClaimsTest, LeavesNothingBehind) {
  {
    NameClaims claims;
    EXPECT_TRUE(claims.take(folder_ / "sub/a.png"));
    EXPECT_TRUE(claims.take(a_));
    EXPECT_TRUE(claims.take(b_));
    EXPECT_FALSE(fs::exists(a_));
    EXPECT_EQ(files(), 6u);  // sub with two in it, and three
    claims.give_back(a_);
    claims.give_back(b_);
    EXPECT_EQ(files(), 3u);
  }
  EXPECT_TRUE(fs::is_empty(folder_ / "sub"));
}

TEST_F(NameClaimsTest, ALongNameCanBeReserved) {
  NameClaims first, second;
  std::string name(251, 'x');
  name += ".png";
  EXPECT_TRUE(first.take(folder_ / name));
  EXPECT_FALSE(second.take(folder_ / name));
}

TEST_F(NameClaimsTest, WhatAKilledRunHasReservedIsFree) {
  killed([this] {
    auto* const claims = new NameClaims;
    claims->take(a_);
    claims->take(b_);
  });
  EXPECT_EQ(files(), 3u);
  NameClaims claims;
  EXPECT_TRUE(claims.take_new(a_));
  NameClaims::sweep(folder_);
  EXPECT_EQ(files(), 2u);  // what is in use
  EXPECT_FALSE(NameClaims().take(a_));
}

TEST_F(NameClaimsTest, WhatSomebodyMayGoOnWithIsNotSweptByOthers) {
  killed([this] { (new NameClaims("tag"))->take(a_); });
  EXPECT_EQ(NameClaims::holder(a_), "tag");
  EXPECT_EQ(NameClaims::holder(b_), std::nullopt);
  write_text(a_, "written, but not recorded");
  NameClaims::sweep(folder_);
  NameClaims::sweep(folder_, "another");
  EXPECT_EQ(NameClaims::holder(a_), "tag");
  EXPECT_EQ(files(), 2u);
  NameClaims::sweep(folder_, "tag");
  EXPECT_EQ(files(), 1u);
}

TEST_F(NameClaimsTest, WhatNoFileHasIsSweptByAll) {
  killed([this] { (new NameClaims("tag"))->take(a_); });
  NameClaims::sweep(folder_, "another");
  EXPECT_EQ(files(), 0u);
}

TEST_F(NameClaimsTest, WhatSomebodyWasKilledMakingIsSwept) {
  const fs::path begun = folder_ / ".velatura-0123456789abcdef.claim";
  write_text(begun, "");
  fs::create_hard_link(begun, folder_ / ".velatura-0123456789abcdef01234567.claim");
  NameClaims::sweep(folder_);
  EXPECT_EQ(files(), 2u);  // a name is reserved by it
  fs::remove(folder_ / ".velatura-0123456789abcdef01234567.claim");
  NameClaims::sweep(folder_);
  EXPECT_EQ(files(), 0u);
}

TEST_F(NameClaimsTest, OfAnotherMachineTheyHoldForADay) {
  killed([this] { (new NameClaims("tag"))->take(a_); });
  for (const auto& entry : fs::directory_iterator(folder_))
    write_text(entry.path(), "elsewhere\n1\ntag\n");
  EXPECT_FALSE(NameClaims().take(a_));
  EXPECT_FALSE(NameClaims("another").take(a_));
  EXPECT_TRUE(NameClaims("tag").take(a_));
  killed([this] { (new NameClaims)->take(b_); });
  for (const auto& entry : fs::directory_iterator(folder_)) {
    write_text(entry.path(), "elsewhere\n1\n\n");
    fs::last_write_time(entry.path(), fs::file_time_type::clock::now() - std::chrono::hours(25));
  }
  EXPECT_TRUE(NameClaims().take(b_));
}

TEST_F(NameClaimsTest, OfManyAtOnceOneGetsAName) {
  constexpr int kRuns = 8, kNames = 20;
  std::vector<pid_t> runs;
  for (int run = 0; run < kRuns; ++run) {
    const pid_t child = ::fork();
    if (child == 0) {
      NameClaims claims;
      int taken = 0;
      for (int number = 0; taken < kNames; ++number) {
        const auto path = folder_ / (std::to_string(number) + ".png");
        if (!claims.take_new(path)) continue;
        write_text(path, std::to_string(::getpid()));
        claims.give_back(path);
        ++taken;
      }
      ::_exit(0);
    }
    runs.push_back(child);
  }
  for (const pid_t run : runs) ::waitpid(run, nullptr, 0);
  EXPECT_EQ(files(), static_cast<std::size_t>(kRuns * kNames));
}

}  // namespace
}  // namespace velatura
