#include "core/staged_output.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include "support/temporary_folder.h"
#include "velatura/error.h"

namespace velatura {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class StagedOutputTest : public InTemporaryFolder {
 protected:
  static void write(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
};

TEST_F(StagedOutputTest, FilesAppearWhenCommitted) {
  {
    StagedOutput output(folder_ / "new/a");
    EXPECT_EQ(output.path().filename(), "a");
    write(output.path(), "text");
    EXPECT_FALSE(fs::exists(folder_ / "new/a"));
    output.commit();
    EXPECT_EQ(content(folder_ / "new/a"), "text");
  }
  folder_ /= "new";
  EXPECT_EQ(files(), 1u);
}

TEST_F(StagedOutputTest, FoldersTakeThePlaceOfOldOnes) {
  write(folder_ / "m/old", "old");
  {
    StagedOutput output(folder_ / "m/");
    write(output.path() / "deep/new", "new");
    EXPECT_TRUE(fs::exists(folder_ / "m/old"));
    output.commit();
  }
  EXPECT_FALSE(fs::exists(folder_ / "m/old"));
  EXPECT_EQ(content(folder_ / "m/deep/new"), "new");
  EXPECT_EQ(files(), 1u);
}

TEST_F(StagedOutputTest, LinksStay) {
  write(folder_ / "elsewhere/a", "old");
  fs::create_symlink("elsewhere/a", folder_ / "link");
  StagedOutput output(folder_ / "link");
  write(output.path(), "new");
  output.commit();
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(content(folder_ / "elsewhere/a"), "new");
}

TEST_F(StagedOutputTest, WithoutCommitNothingIsLeft) {
  write(folder_ / "a", "old");
  {
    StagedOutput output(folder_ / "a");
    write(output.path(), "new");
  }
  EXPECT_EQ(content(folder_ / "a"), "old");
  EXPECT_EQ(files(), 1u);
}

TEST_F(StagedOutputTest, TakesOverWhatAKilledRunLeft) {
  if (::fork() == 0) {
    StagedOutput output(folder_ / "a");
    write(output.path() / "half", "text");
    ::_exit(0);
  }
  ::wait(nullptr);
  EXPECT_EQ(files(), 1u);
  {
    StagedOutput output(folder_ / "a");
    EXPECT_FALSE(fs::exists(output.path()));
    write(output.path(), "whole");
    output.commit();
  }
  EXPECT_EQ(content(folder_ / "a"), "whole");
  EXPECT_EQ(files(), 1u);
}

TEST_F(StagedOutputTest, RefusesASecondRunForTheSameOutput) {
  const StagedOutput first(folder_ / "a");
  try {
    const StagedOutput second(folder_ / "a");
    ADD_FAILURE() << "accepted";
  } catch (const OutputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("another process"));
  }
  EXPECT_TRUE(fs::exists(first.path().parent_path()));
}

TEST_F(StagedOutputTest, RefusesPlacesThatCannotBe) {
  write(folder_ / "file", "text");
  EXPECT_THROW(StagedOutput(folder_ / "file/below"), OutputError);
  EXPECT_THROW(StagedOutput("/"), OutputError);
  EXPECT_THROW(StagedOutput("/proc/nowhere"), OutputError);
}

}  // namespace
}  // namespace velatura
