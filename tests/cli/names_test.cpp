// Who writes where: several runs into one folder, names that are taken, runs that were killed.

#include <gmock/gmock.h>

#include <csignal>
#include <future>

#include "cli/picture_command.h"

namespace velatura::testing {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class Names : public ::testing::Test {
 protected:
  // Runs at the same time, all of which succeed.
  static void at_once(const std::vector<Child>& runs) {
    std::vector<std::future<Outcome>> outcomes;
    for (const Child& run : runs)
      outcomes.push_back(
          std::async(std::launch::async, [&run] { return run_program(VELATURA_PROGRAM, run); }));
    for (auto& outcome : outcomes) EXPECT_TRUE(succeeded(outcome.get()));
  }

  Child batch(const std::string& file, const std::string& list = "") const {
    return {.arguments = {"batch", file, "-m", kTinyModel, "--steps", "2", "--seed", "7",
                          "--device", "cpu", "--threads", "1", "-o", folder_ / "out/"},
            .input = list,
            .folder = folder_.path()};
  }

  std::string prompt(const std::string& name) const {
    return nlohmann::json::parse(read_metadata(folder_ / name).receipt).at("prompt");
  }

  std::vector<std::string> pictures() const {
    auto files = folder_.files();
    std::erase_if(files, [](const std::string& name) { return !name.ends_with(".png"); });
    return files;
  }

  TemporaryFolder folder_;
};

TEST_F(Names, RunsAtOnceGetNamesOfTheirOwn) {
  const Child numbered = tiny_run({"-o", folder_ / "out/"});
  const Child named = tiny_run({"-n", "2", "-o", folder_ / "{seed}.png"});
  at_once({numbered, numbered, numbered, named, named});
  EXPECT_THAT(folder_.files(),
              ElementsAre("5-1.png", "5.png", "6-1.png", "6.png", "out", "out/00000-5.png",
                          "out/00001-5.png", "out/00002-5.png"));
}

TEST_F(Names, OnlyAFullNameIsReplaced) {
  for (int run = 0; run < 2; ++run) {
    ASSERT_TRUE(succeeded(tiny({"-o", folder_ / "full.png"})));
    ASSERT_TRUE(succeeded(tiny({"-n", "2", "--grid", "-o", folder_ / "cat.png"})));
  }
  EXPECT_THAT(folder_.files(), ElementsAre("cat-0.png", "cat-1.png", "cat-2.png", "cat-3.png",
                                           "full.png", "grid-5-1.png", "grid-5.png"));
}

TEST_F(Names, OverwritingIsAskedFor) {
  for (const char* seed : {"{seed}.png", "{seed}.png"}) {
    ASSERT_TRUE(succeeded(tiny({"--overwrite", "-o", folder_ / seed})));
    ASSERT_TRUE(succeeded(tiny({"--overwrite", "-n", "2", "--grid", "-o", folder_ / "cat.png"})));
  }
  EXPECT_THAT(folder_.files(), ElementsAre("5.png", "cat-0.png", "cat-1.png", "grid-5.png"));
}

TEST_F(Names, AKilledRunLeavesNothingInTheWay) {
  Child killed = on_terminal(tiny_run({"-n", "3", "--steps", "400", "-o", folder_ / "out/"}));
  killed.signal = SIGKILL;
  killed.signal_when = "denoising";
  ASSERT_EQ(run_velatura(killed).exit_code, 128 + SIGKILL);
  EXPECT_THAT(pictures(), ElementsAre());
  EXPECT_THAT(folder_.files(), ::testing::Contains(HasSubstr(".velatura-")));
  ASSERT_TRUE(succeeded(tiny({"-o", folder_ / "out/"})));
  EXPECT_THAT(folder_.files(), ElementsAre("out", "out/00000-5.png"));
}

TEST_F(Names, ARunThatFailsLeavesNothing) {
  EXPECT_EQ(tiny({"-n", "2", "--clip-skip", "50", "-o", folder_.path().string() + "/"}).exit_code,
            2);
  EXPECT_THAT(folder_.files(), ElementsAre());
}

TEST_F(Names, ListsFromStandardInputAreKnownByTheirContent) {
  ASSERT_TRUE(succeeded(run_velatura(batch("-", "a star\na ring\n"))));
  ASSERT_TRUE(succeeded(run_velatura(batch("-", "a cat\na dog\n"))));
  EXPECT_THAT(pictures(), ElementsAre("out/00000-7.png", "out/00001-7.png", "out/00002-7.png",
                                      "out/00003-7.png"));
  EXPECT_EQ(prompt("out/00000-7.png"), "a star");
  EXPECT_EQ(prompt("out/00003-7.png"), "a dog");
  const Outcome again = run_velatura(batch("-", "a star\na ring\n"));
  EXPECT_THAT(again.err, HasSubstr("2 pictures of 2 there already"));
}

TEST_F(Names, BatchesAtOnceKeepOutOfEachOthersWay) {
  write_text(folder_ / "a.txt", "a star\na ring\na heart\n");
  write_text(folder_ / "b.txt", "a cat\na dog\na bird\n");
  at_once({batch("a.txt"), batch("b.txt"), batch("-", "a red star\na red ring\n")});
  EXPECT_EQ(pictures().size(), 8u);
  EXPECT_THAT(folder_.files(), Each(Not(HasSubstr(".velatura-"))));
  for (const char* file : {"a.txt", "b.txt"})
    EXPECT_THAT(run_velatura(batch(file)).err, HasSubstr("3 pictures of 3 there"));
  EXPECT_EQ(pictures().size(), 8u);
}

}  // namespace
}  // namespace velatura::testing
