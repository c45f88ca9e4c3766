#include "core/append_file.h"

#include <gtest/gtest.h>

#include "support/run_program.h"
#include "velatura/error.h"

namespace velatura {
namespace {

using testing::file_text;
using testing::TemporaryFolder;
using testing::write_text;
using Lock = AppendFile::Lock;

TEST(AppendFile, LinesAreAdded) {
  const TemporaryFolder folder;
  const std::string path = folder / "new/a.jsonl";
  {
    AppendFile file(path, Lock::exclusive);
    EXPECT_TRUE(file.empty());
    file.append("one");
  }
  AppendFile again(path, Lock::exclusive);
  EXPECT_FALSE(again.empty());
  again.append("two");
  EXPECT_EQ(file_text(path), "one\ntwo\n");
}

TEST(AppendFile, ATornLineIsCutOff) {
  const TemporaryFolder folder;
  const std::string path = folder / "a";
  for (const auto& [torn, whole] :
       {std::pair{"one\ntw", "one\n"}, {"tw", ""}, {"one\n", "one\n"}}) {
    write_text(path, torn);
    const AppendFile file(path, Lock::exclusive);
    EXPECT_EQ(file_text(path), whole) << torn;
  }
}

TEST(AppendFile, OneProcessHoldsIt) {
  const TemporaryFolder folder;
  const std::string path = folder / "a";
  EXPECT_FALSE(AppendFile::is_idle(path));
  {
    const AppendFile file(path, Lock::exclusive);
    EXPECT_THROW(AppendFile(path, Lock::exclusive), OutputError);
    EXPECT_THROW(AppendFile(path, Lock::shared), OutputError);
    EXPECT_FALSE(AppendFile::is_idle(path));
  }
  EXPECT_TRUE(AppendFile::is_idle(path));
  const AppendFile one(path, Lock::shared), another(path, Lock::shared);
  EXPECT_THROW(AppendFile(path, Lock::exclusive), OutputError);
}

TEST(AppendFile, ADiskThatIsFullLeavesWholeLines) {
  AppendFile full("/dev/full", Lock::exclusive);
  EXPECT_THROW(full.append("one"), OutputError);
}

TEST(AppendFile, WhatCannotBeOpenedIsSaid) {
  EXPECT_THROW(AppendFile("/proc/velatura/a", Lock::exclusive), OutputError);
  EXPECT_THROW(AppendFile("/", Lock::exclusive), OutputError);
}

}  // namespace
}  // namespace velatura
