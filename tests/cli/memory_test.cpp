#include <gmock/gmock.h>

#include "cli/velatura.h"

namespace velatura::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const std::vector<std::string> kHuge{"-W", "16384", "-H", "16384"};

TEST(Memory, ThatIsNotThereIsSaidBeforeTheWork) {
  const TemporaryFolder folder;
  auto run = tiny_run(kHuge);
  run.folder = folder.path();
  const Outcome outcome = run_velatura(run);
  EXPECT_TRUE(failed_with(outcome, 5,
                          {"pictures of 16384x16384 need about ", " GiB are free: ",
                           "a smaller --width and --height", "--force begins all the same"}));
}

TEST(Memory, IsLookedAtForEveryLineOfABatch) {
  const TemporaryFolder folder;
  write_text(folder / "jobs.txt", "a red circle\na blue star --width 16384 --height 16384\n");
  Child batch{.arguments = {"batch", "jobs.txt", "-m", kTinyModel, "--steps", "1", "--device",
                            "cpu", "-o", "out/"},
              .folder = folder.path()};
  Outcome outcome = run_velatura(batch);
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(lines(outcome.err), SizeIs(2));
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("velatura: jobs.txt:2: pictures of 16384x16384 need"),
                                 HasSubstr("1 line cannot be made; nothing was done")));
  batch.arguments.insert(batch.arguments.end(), {"--force", "--dry-run"});
  EXPECT_TRUE(succeeded(run_velatura(batch)));
}

TEST(Memory, MayBeHopedFor) {
  const TemporaryFolder folder;
  EXPECT_TRUE(succeeded(tiny({"--force", "-o", folder / "a.png"})));
}

}  // namespace
}  // namespace velatura::testing
