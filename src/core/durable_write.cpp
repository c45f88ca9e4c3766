#include "core/durable_write.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "velatura/error.h"

namespace velatura {
namespace {

namespace fs = std::filesystem;

}  // namespace

void fail_writing(const fs::path& path, int reason) {
  throw OutputError(path.string() + ": " + std::strerror(reason));
}

void write_all(int fd, std::span<const std::byte> bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) fail_writing(path, errno);
    if (written > 0) bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

// Some file systems have no fsync and say EINVAL.
void synchronise(int fd, const fs::path& path) {
  if (::fsync(fd) != 0 && errno != EINVAL) fail_writing(path, errno);
}

void synchronise_folder_of(const fs::path& file) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  const int failure = ::fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno;
  ::close(descriptor);
  if (failure != 0) fail_writing(file, failure);
}

void make_parents(const fs::path& path) {
  if (!path.has_parent_path()) return;
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  if (failed) throw OutputError(path.parent_path().string() + ": " + failed.message());
}

}  // namespace velatura
