#include "core/atomic_file.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstring>
#include <span>
#include <string_view>

#include "support/temporary_folder.h"
#include "velatura/error.h"

namespace velatura {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class AtomicFileTest : public InTemporaryFolder {
 protected:
  static void write(const fs::path& path, std::string_view text) {
    write_file_atomically(path, std::as_bytes(std::span(text.data(), text.size())));
  }
  static void expect_refused(const fs::path& path, int reason) {
    try {
      write(path, "text");
      ADD_FAILURE() << path << " accepted";
    } catch (const OutputError& error) {
      EXPECT_THAT(error.what(), HasSubstr(std::strerror(reason)));
    }
  }
  static mode_t mode(const fs::path& path) {
    struct stat found {};
    EXPECT_EQ(::stat(path.c_str(), &found), 0);
    return found.st_mode & 07777;
  }
};

TEST_F(AtomicFileTest, WritesNewFilesAndOverOldOnes) {
  write(folder_ / "a", "first");
  EXPECT_EQ(content(folder_ / "a"), "first");
  write(folder_ / "a", "2");
  EXPECT_EQ(content(folder_ / "a"), "2");
  write(folder_ / "a", "");
  EXPECT_EQ(content(folder_ / "a"), "");
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicFileTest, ANewFileReplacesNothing) {
  const auto write_new = [&](const fs::path& path, std::string_view text) {
    return write_new_file_atomically(path, std::as_bytes(std::span(text)));
  };
  EXPECT_TRUE(write_new(folder_ / "sub/a", "first"));
  EXPECT_FALSE(write_new(folder_ / "sub/a", "second"));
  EXPECT_EQ(content(folder_ / "sub/a"), "first");
  fs::create_symlink("nowhere", folder_ / "link");
  EXPECT_FALSE(write_new(folder_ / "link", "second"));
  AtomicFile file(folder_ / "late");
  write(folder_ / "late", "was first");
  EXPECT_FALSE(file.commit_new());
  EXPECT_EQ(content(folder_ / "late"), "was first");
}

TEST_F(AtomicFileTest, AppearsWhenItIsCommitted) {
  const auto piece = [](std::string_view text) { return std::as_bytes(std::span(text)); };
  {
    AtomicFile file(folder_ / "a");
    file.write(piece("one "));
    file.write(piece("two"));
    EXPECT_FALSE(fs::exists(folder_ / "a"));
    file.commit();
    EXPECT_EQ(content(folder_ / "a"), "one two");
  }
  {
    AtomicFile file(folder_ / "a");
    file.write(piece("lost"));
  }
  EXPECT_EQ(content(folder_ / "a"), "one two");
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicFileTest, WritesIntoTheWorkingFolder) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  write("plain", "text");
  fs::current_path(before);
  EXPECT_EQ(content(folder_ / "plain"), "text");
}

TEST_F(AtomicFileTest, MakesParents) {
  write(folder_ / "x/y/z", "text");
  EXPECT_EQ(content(folder_ / "x/y/z"), "text");
}

TEST_F(AtomicFileTest, HonoursTheUmaskAndKeepsPermissions) {
  const mode_t before = ::umask(027);
  write(folder_ / "a", "text");
  EXPECT_EQ(mode(folder_ / "a"), 0640u);
  ::chmod((folder_ / "a").c_str(), 0604);
  write(folder_ / "a", "more");
  ::umask(before);
  EXPECT_EQ(mode(folder_ / "a"), 0604u);
}

TEST_F(AtomicFileTest, FollowsLinks) {
  fs::create_directories(folder_ / "elsewhere");
  write(folder_ / "elsewhere/target", "old");
  fs::create_symlink("elsewhere/target", folder_ / "link");
  fs::create_symlink("elsewhere/later", folder_ / "dangling");
  write(folder_ / "link", "new");
  write(folder_ / "dangling", "made");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(content(folder_ / "elsewhere/target"), "new");
  EXPECT_EQ(content(folder_ / "elsewhere/later"), "made");
}

TEST_F(AtomicFileTest, RefusesLinksInACircle) {
  fs::create_symlink("two", folder_ / "one");
  fs::create_symlink("one", folder_ / "two");
  EXPECT_THROW(write(folder_ / "one", "text"), OutputError);
  EXPECT_TRUE(fs::is_symlink(folder_ / "one"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "two"));
}

TEST_F(AtomicFileTest, RefusesWhatIsNoFile) {
  expect_refused(folder_, EISDIR);
  expect_refused(folder_ / "", EISDIR);
  write(folder_ / "file", "text");
  expect_refused(folder_ / "file/child", ENOTDIR);
  expect_refused(folder_ / std::string(300, 'x'), ENAMETOOLONG);
}

TEST_F(AtomicFileTest, WritesToDevicesWithoutReplacingThem) {
  write("/dev/null", "text");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  expect_refused("/dev/full", ENOSPC);
}

// Root may write anywhere, so root does this as nobody.
TEST_F(AtomicFileTest, RefusesReadOnlyPlaces) {
  constexpr uid_t kNobody = 65534;
  write(folder_ / "locked", "old");
  ::chmod((folder_ / "locked").c_str(), 0444);
  ::chmod(folder_.c_str(), 0777);
  fs::create_directories(folder_ / "closed");
  ::chmod((folder_ / "closed").c_str(), 0555);
  const uid_t user = ::geteuid();
  ASSERT_EQ(::seteuid(user == 0 ? kNobody : user), 0);
  expect_refused(folder_ / "locked", EACCES);
  expect_refused(folder_ / "closed/new", EACCES);
  expect_refused(folder_ / "closed/new/deeper", EACCES);
  ASSERT_EQ(::seteuid(user), 0);
  EXPECT_EQ(content(folder_ / "locked"), "old");
  EXPECT_TRUE(fs::is_empty(folder_ / "closed"));
}

TEST_F(AtomicFileTest, RefusesAReadOnlyFileSystem) {
  if (!fs::exists("/proc/self")) GTEST_SKIP() << "no /proc";
  EXPECT_THROW(write("/proc/velatura", "text"), OutputError);
}

// A limit on the size of files makes a full disk: the write is first short, then fails.
TEST_F(AtomicFileTest, LeavesTheOldFileWhenTheDiskIsFull) {
  write(folder_ / "a", "old");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{4096, before.rlim_max};
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_THROW(write(folder_ / "a", std::string(10000, 'x')), OutputError);
  EXPECT_THROW(write(folder_ / "b", std::string(10000, 'x')), OutputError);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(content(folder_ / "a"), "old");
  EXPECT_EQ(files(), 1u);
}

}  // namespace
}  // namespace velatura
