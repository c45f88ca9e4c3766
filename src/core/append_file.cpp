#include "core/append_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>

#include "core/durable_write.h"
#include "velatura/error.h"

namespace velatura {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const std::string& reason) {
  throw OutputError(path.string() + ": " + reason);
}

off_t size_of(int descriptor, const fs::path& path) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) fail(path, std::strerror(errno));
  return status.st_size;
}

}  // namespace

AppendFile::AppendFile(const fs::path& path, Lock lock) : path_(path) {
  make_parents(path);
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(path, std::strerror(errno));
  const int operation = (lock == Lock::exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB;
  // Some file systems have no locks; who works there must see to it alone.
  if (::flock(descriptor_, operation) != 0 && errno == EWOULDBLOCK) {
    ::close(descriptor_);
    fail(path, "another process is at work on it");
  }
  if (lock == Lock::exclusive) cut_torn_line();
}

AppendFile::~AppendFile() {
  ::close(descriptor_);
}

bool AppendFile::empty() const {
  return size_of(descriptor_, path_) == 0;
}

void AppendFile::append(std::string_view line) {
  const std::string text = std::string(line) + "\n";
  const off_t before = size_of(descriptor_, path_);
  try {
    write_all(descriptor_, std::as_bytes(std::span(text)), path_);
    synchronise(descriptor_, path_);
  } catch (const OutputError&) {
    // A torn line; should this fail too, the next one who opens the file cuts it off.
    [[maybe_unused]] const int ignored = ::ftruncate(descriptor_, before);
    throw;
  }
}

bool AppendFile::is_idle(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool idle = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
  ::close(descriptor);
  return idle;
}

void AppendFile::cut_torn_line() {
  off_t end = size_of(descriptor_, path_);
  const off_t size = end;
  char last = '\n';
  while (end > 0 && ::pread(descriptor_, &last, 1, end - 1) == 1 && last != '\n') --end;
  if (end != size && ::ftruncate(descriptor_, end) != 0) fail(path_, std::strerror(errno));
}

}  // namespace velatura
