#include "core/staged_output.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <system_error>

#include "core/unfinished_files.h"
#include "velatura/error.h"

namespace velatura {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const std::string& reason) {
  throw OutputError(path.string() + ": " + reason);
}

void check(const std::error_code& failed, const fs::path& path) {
  if (failed) fail(path, failed.message());
}

// "a/b/" and "a/b" are the same output; a link stays, and what it leads to is replaced.
fs::path settled(const fs::path& target) {
  std::error_code failed;
  fs::path path = fs::weakly_canonical(target, failed);
  check(failed, target);
  if (!path.has_filename()) path = path.parent_path();
  if (!path.has_filename()) fail(target, std::strerror(EISDIR));
  return path;
}

void remove_contents(const fs::path& folder) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    std::error_code not_removed;
    fs::remove_all(entry.path(), not_removed);
    check(not_removed, entry.path());
  }
  check(failed, folder);
}

void synchronise(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

StagedOutput::StagedOutput(const fs::path& target) : target_(settled(target)) {
  stage_ = target_.parent_path() / (".velatura-" + target_.filename().string() + ".part");
  path_ = stage_ / target_.filename();
  std::error_code failed;
  fs::create_directories(stage_, failed);
  check(failed, stage_);
  lock_ = ::open(stage_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock_ < 0) fail(stage_, std::strerror(errno));
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    const bool busy = errno == EWOULDBLOCK;
    const std::string reason = std::strerror(errno);
    ::close(lock_);
    fail(target_, busy ? "another process is writing it just now" : reason);
  }
  add_unfinished(stage_);
  try {
    remove_contents(stage_);
  } catch (...) {
    forget_unfinished(stage_);
    ::close(lock_);
    throw;
  }
}

StagedOutput::~StagedOutput() {
  std::error_code ignored;
  fs::remove_all(stage_, ignored);
  forget_unfinished(stage_);
  ::close(lock_);
}

void StagedOutput::commit() {
  if (fs::is_directory(path_)) synchronise(path_);
  // Exchanged, so that at no moment there is neither the old output nor the new one.
  if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) != 0) {
    // Nothing to exchange, or a file system that cannot.
    ::rename(target_.c_str(), (stage_ / ".replaced").c_str());
    if (::rename(path_.c_str(), target_.c_str()) != 0) fail(target_, std::strerror(errno));
  }
  synchronise(target_.parent_path());
}

}  // namespace velatura
