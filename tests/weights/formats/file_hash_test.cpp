#include "weights/formats/file_hash.h"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>

#include "core/sha256.h"
#include "weights/files.h"

namespace velatura::weights {
namespace {

using testing::Folder;
using ::testing::HasSubstr;
using testing::refusal;

// FIPS 180-2, appendix B.
constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kMillionA =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

class FileHash : public ::testing::Test {
 protected:
  FileHash() { setenv("XDG_CACHE_HOME", (folder / "cache").c_str(), 1); }
  ~FileHash() override { unsetenv("XDG_CACHE_HOME"); }

  std::filesystem::path cache_entry() const {
    return std::filesystem::directory_iterator(folder / "cache/velatura/sha256")->path();
  }

  Folder folder;
};

TEST_F(FileHash, IsSha256) {
  EXPECT_EQ(sha256("abc"), kAbc);
  EXPECT_EQ(sha256_file(folder.write("a", "abc")), kAbc);
  EXPECT_EQ(sha256_file(folder.write("b", "")), kEmpty);
  EXPECT_EQ(sha256_file(folder.write("c", std::string(1'000'000, 'a'))), kMillionA);
  EXPECT_THAT(refusal([&] { sha256_file(folder / "absent"); }), HasSubstr("absent: No such file"));
}

TEST_F(FileHash, IsReadFromTheCacheUntilTheFileChanges) {
  const auto path = folder.write("a", "abc");
  sha256_file(path);
  std::ifstream in(cache_entry());
  std::string hash, state;
  in >> hash;
  std::getline(in, state);
  EXPECT_EQ(hash, kAbc);
  EXPECT_EQ(cached_sha256(path), kAbc);
  const std::string other(64, '0');
  std::ofstream(cache_entry()) << other << state << "\n";
  EXPECT_EQ(sha256_file(path), other);
  std::filesystem::last_write_time(
      path, std::filesystem::last_write_time(path) + std::chrono::seconds(1));
  EXPECT_EQ(cached_sha256(path), "");
  EXPECT_EQ(sha256_file(path), kAbc);
}

TEST_F(FileHash, DoesWithoutACacheThatCannotBeUsed) {
  const auto path = folder.write("a", "abc");
  folder.write("cache/velatura", "a file where a folder should be");
  EXPECT_EQ(sha256_file(path), kAbc);
  std::filesystem::remove(folder / "cache/velatura");
  sha256_file(path);
  std::ofstream(cache_entry()) << "damaged";
  EXPECT_EQ(sha256_file(path), kAbc);
}

TEST_F(FileHash, CanBeStopped) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(sha256_file(folder.write("a", "abc"), stop.get_token()), "");
  EXPECT_FALSE(std::filesystem::exists(folder / "cache"));
}

}  // namespace
}  // namespace velatura::weights
