#include "core/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <tuple>
#include <utility>

#include "core/durable_write.h"
#include "core/unfinished_files.h"
#include "velatura/error.h"

namespace velatura {
namespace {

namespace fs = std::filesystem;

const std::string kTemporaryPrefix = ".velatura-";
constexpr const char* kTemporaryEnding = ".part";

// The file a chain of links ends at, whether it exists or not.
fs::path follow_links(const fs::path& path) {
  constexpr int kLongestChain = 40;  // as the kernel
  fs::path target = path;
  std::error_code ignored;
  for (int i = 0; fs::is_symlink(target, ignored); ++i) {
    if (i == kLongestChain) fail_writing(path, ELOOP);
    target = target.parent_path() / fs::read_symlink(target, ignored);
  }
  return target;
}

// Opens a new file beside the target. @return its name and descriptor
std::pair<fs::path, int> create_temporary(const fs::path& target, const std::string& tag) {
  std::random_device random;
  for (;;) {
    char number[17];
    std::snprintf(number, sizeof number, "%016llx",
                  static_cast<unsigned long long>(std::uint64_t{random()} << 32u | random()));
    const fs::path path =
        target.parent_path() / (kTemporaryPrefix + tag + number + kTemporaryEnding);
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) return {path, fd};
    if (errno != EEXIST && errno != EINTR) fail_writing(target, errno);
  }
}

// @return false if something is there
bool rename_to_new(const fs::path& from, const fs::path& to) {
  const auto is_there = [&to] {
    std::error_code unreadable;
    return fs::exists(fs::symlink_status(to, unreadable));
  };
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == EEXIST) return false;
  // File systems that cannot do that, such as NFS, have links; there, answers may get lost.
  struct stat linked {};
  if (::link(from.c_str(), to.c_str()) == 0 ||
      (errno == EEXIST && ::stat(from.c_str(), &linked) == 0 && linked.st_nlink == 2)) {
    ::unlink(from.c_str());
    return true;
  }
  if (errno == EEXIST || is_there()) return false;
  if (::rename(from.c_str(), to.c_str()) != 0) fail_writing(to, errno);
  return true;
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& path, const std::string& tag) : path_(path) {
  if (!path.has_filename()) fail_writing(path, EISDIR);
  target_ = follow_links(path);
  make_parents(target_);
  struct stat existing {};
  const bool exists = ::stat(target_.c_str(), &existing) == 0;
  if (exists && S_ISDIR(existing.st_mode)) fail_writing(path, EISDIR);
  if (exists && !S_ISREG(existing.st_mode)) {
    descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail_writing(path, errno);
    return;
  }
  if (exists && ::faccessat(AT_FDCWD, target_.c_str(), W_OK, AT_EACCESS) != 0)
    fail_writing(path, errno);
  std::tie(temporary_, descriptor_) = create_temporary(target_, tag);
  add_unfinished(temporary_);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (temporary_.empty()) return;
  ::unlink(temporary_.c_str());
  forget_unfinished(temporary_);
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  write_all(descriptor_, bytes, path_);
}

void AtomicFile::commit() {
  const bool in_place = temporary_.empty();
  if (!in_place) {
    struct stat existing {};
    if (::stat(target_.c_str(), &existing) == 0 &&
        ::fchmod(descriptor_, existing.st_mode & 07777) != 0) {
      fail_writing(path_, errno);
    }
  }
  finish_writing();
  if (in_place) return;
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail_writing(path_, errno);
  forget_unfinished(temporary_);
  temporary_.clear();
  synchronise_folder_of(target_);
}

bool AtomicFile::commit_new() {
  if (temporary_.empty()) return false;  // what it is written to is there
  finish_writing();
  if (!rename_to_new(temporary_, path_)) return false;
  temporary_.clear();
  synchronise_folder_of(path_);
  return true;
}

void AtomicFile::finish_writing() {
  if (!temporary_.empty()) synchronise(descriptor_, path_);
  if (::close(std::exchange(descriptor_, -1)) != 0) fail_writing(path_, errno);
}

void write_file_atomically(const fs::path& path, std::span<const std::byte> bytes,
                           const std::string& tag) {
  AtomicFile file(path, tag);
  file.write(bytes);
  file.commit();
}

bool write_new_file_atomically(const fs::path& path, std::span<const std::byte> bytes,
                               const std::string& tag) {
  std::error_code unreadable;
  if (fs::exists(fs::symlink_status(path, unreadable))) return false;
  AtomicFile file(path, tag);
  file.write(bytes);
  return file.commit_new();
}

void remove_temporaries(const fs::path& folder, const std::string& tag) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder.empty() ? "." : folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(kTemporaryPrefix + tag) && name.ends_with(kTemporaryEnding)) {
      ::unlink(entry.path().c_str());
    }
  }
}

}  // namespace velatura
