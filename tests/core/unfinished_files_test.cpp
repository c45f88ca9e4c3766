#include "core/unfinished_files.h"

#include <gmock/gmock.h>

#include <span>

#include "core/atomic_file.h"
#include "core/staged_output.h"
#include "support/run_program.h"

namespace velatura {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(UnfinishedFiles, AreThoseThatAreWritten) {
  const testing::TemporaryFolder folder;
  {
    AtomicFile done(folder / "done.png");
    done.commit();
  }
  AtomicFile at_work(folder / "half.png");
  StagedOutput staged(folder / "model");
  testing::write_text(staged.path(), "x");
  EXPECT_EQ(folder.files().size(), 4u);
  remove_unfinished_files();
  EXPECT_THAT(folder.files(), ElementsAre("done.png"));
}

TEST(UnfinishedFiles, AreForgottenWhenTheyAreGivenUp) {
  const testing::TemporaryFolder folder;
  add_unfinished(folder / "a");
  testing::write_text(folder / "a", "x");
  forget_unfinished(folder / "a");
  remove_unfinished_files();
  EXPECT_THAT(folder.files(), ElementsAre("a"));
  { const AtomicFile given_up(folder / "b.png"); }
  EXPECT_THAT(folder.files(), ElementsAre("a"));
}

}  // namespace
}  // namespace velatura
