#include "batch/journal.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "support/run_program.h"
#include "velatura/error.h"

namespace velatura::batch {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using velatura::testing::file_text;
using velatura::testing::TemporaryFolder;
using velatura::testing::write_text;

class JournalTest : public ::testing::Test {
 protected:
  Entry entry(const std::string& id, const std::string& name = "a.png") const {
    return {.id = id, .line = 3, .path = folder_.path() / name, .seed = 7, .bytes = 5};
  }
  Journal open(const Shard& shard = {}) const {
    return {folder_.path(), "jobs", "/x/jobs.txt", shard};
  }
  History history() const { return History::read(folder_.path(), "jobs"); }

  TemporaryFolder folder_;
};

TEST_F(JournalTest, NothingIsRecordedAtFirst) {
  EXPECT_EQ(history().find("x"), nullptr);
  EXPECT_EQ(history().job_file(), "");
}

TEST_F(JournalTest, WhatIsRecordedComesBack) {
  std::uint64_t random_seed = 0;
  {
    Journal journal = open();
    random_seed = journal.random_seed();
    journal.started(entry("one"));
    journal.saved(entry("one"));
    journal.started(entry("two", "sub/b.png"));
    journal.failed(entry("two", "sub/b.png"), "no");
  }
  const History known = history();
  EXPECT_EQ(known.job_file(), "/x/jobs.txt");
  ASSERT_NE(known.find("one"), nullptr);
  EXPECT_TRUE(known.find("one")->saved);
  EXPECT_EQ(known.find("one")->path, folder_.path() / "a.png");
  EXPECT_EQ(known.find("one")->seed, 7u);
  EXPECT_EQ(known.find("one")->bytes, 5u);
  ASSERT_NE(known.find("two"), nullptr);
  EXPECT_FALSE(known.find("two")->saved);
  EXPECT_TRUE(known.owns(folder_.path() / "sub" / ".." / "sub" / "b.png"));
  EXPECT_FALSE(known.owns(folder_.path() / "c.png"));
  EXPECT_EQ(open().random_seed(), random_seed);
}

TEST_F(JournalTest, ATornLineIsCutOffAndDamagedOnesAreNotRecorded) {
  const std::string file = folder_ / "jobs.journal.jsonl";
  open().started(entry("one"));
  const std::string whole = file_text(file);
  write_text(
      file, whole + "{\"event\": \"saved\", \"id\": 3}\nrubbish\n{\"event\":\"saved\",\"id\":\"on");
  EXPECT_FALSE(history().find("one")->saved);
  open().saved(entry("one"));
  EXPECT_TRUE(history().find("one")->saved);
  EXPECT_EQ(file_text(file).find("\"on{"), std::string::npos);
}

TEST_F(JournalTest, APictureThatIsWrittenOverIsGone) {
  Journal journal = open();
  journal.saved(entry("old"));
  journal.started(entry("new"));
  EXPECT_FALSE(history().find("old")->saved);
  journal.saved(entry("new"));
  EXPECT_FALSE(history().find("old")->saved);
  EXPECT_TRUE(history().find("new")->saved);
}

TEST_F(JournalTest, ARunIsAloneAtWork) {
  const Journal journal = open();
  EXPECT_THROW(open(), OutputError);
  EXPECT_THROW(open({1, 2}), OutputError);
}

TEST_F(JournalTest, ShardsWorkSideBySide) {
  Journal first = open({1, 2}), second = open({2, 2});
  EXPECT_THROW(open({2, 2}), OutputError);
  EXPECT_THROW(open(), OutputError);
  first.saved(entry("one", "a.png"));
  second.saved(entry("two", "b.png"));
  EXPECT_TRUE(history().find("one")->saved);
  EXPECT_TRUE(history().find("two")->saved);
}

TEST_F(JournalTest, JournalsOfOtherBatchesAreNotRead) {
  Journal other(folder_.path(), "jobs.2", "/x/jobs.2.txt", {});
  other.saved(entry("one"));
  EXPECT_EQ(history().find("one"), nullptr);
}

TEST_F(JournalTest, ListsAreKnownByTheirContent) {
  EXPECT_EQ(stdin_batch_name("a\nb\n"), stdin_batch_name("a\nb\n"));
  EXPECT_NE(stdin_batch_name("a\nb\n"), stdin_batch_name("c\nd\n"));
}

TEST_F(JournalTest, TheJournalThatAllListsHadIsRead) {
  Journal(folder_.path(), "stdin", "-", {}).saved(entry("one"));
  const History known = History::read(folder_.path(), stdin_batch_name("a\n"));
  ASSERT_NE(known.find("one"), nullptr);
  EXPECT_TRUE(known.find("one")->saved);
  EXPECT_FALSE(known.owns(folder_ / "a.png"));  // it may be another list's
  EXPECT_TRUE(known.is_of_another(folder_ / "a.png"));
  EXPECT_EQ(known.job_file(), "");
}

TEST_F(JournalTest, TemporaryFilesOfKilledRunsAreRemovedAndNoOthers) {
  std::string tag, working_tag;
  {
    Journal journal = open({1, 2});
    tag = journal.tag();
    journal.started(entry("one"));
  }
  Journal working = open({2, 2});
  working.started(entry("two", "b.png"));
  write_text(folder_ / (".velatura-" + tag + "01.part"), "left");
  write_text(folder_ / (".velatura-" + working.tag() + "01.part"), "in work");
  write_text(folder_ / ".velatura-0000000000000001.part", "of another program");
  open({1, 2});
  EXPECT_FALSE(fs::exists(folder_ / (".velatura-" + tag + "01.part")));
  EXPECT_TRUE(fs::exists(folder_ / (".velatura-" + working.tag() + "01.part")));
  EXPECT_TRUE(fs::exists(folder_ / ".velatura-0000000000000001.part"));
}

TEST_F(JournalTest, AFolderCanBeMoved) {
  {
    Journal journal = open();
    journal.saved(entry("one"));
  }
  const TemporaryFolder elsewhere;
  fs::copy(folder_.path(), elsewhere.path() / "moved");
  const History moved = History::read(elsewhere.path() / "moved", "jobs");
  EXPECT_EQ(moved.find("one")->path, elsewhere.path() / "moved" / "a.png");
}

}  // namespace
}  // namespace velatura::batch
