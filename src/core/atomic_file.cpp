#include "core/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <tuple>
#include <utility>

#include "velatura/error.h"

namespace velatura {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, int reason) {
  throw OutputError(path.string() + ": " + std::strerror(reason));
}

// The file a chain of links ends at, whether it exists or not.
fs::path follow_links(const fs::path& path) {
  constexpr int kLongestChain = 40;  // as the kernel
  fs::path target = path;
  std::error_code ignored;
  for (int i = 0; fs::is_symlink(target, ignored); ++i) {
    if (i == kLongestChain) fail(path, ELOOP);
    target = target.parent_path() / fs::read_symlink(target, ignored);
  }
  return target;
}

// Opens a new file beside the target. @return its name and descriptor
std::pair<fs::path, int> create_temporary(const fs::path& target) {
  std::random_device random;
  for (;;) {
    char name[40];
    const std::uint64_t number = std::uint64_t{random()} << 32u | random();
    std::snprintf(name, sizeof name, ".velatura-%016llx.part",
                  static_cast<unsigned long long>(number));
    const fs::path path = target.parent_path() / name;
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) return {path, fd};
    if (errno != EEXIST && errno != EINTR) fail(target, errno);
  }
}

void write_all(int fd, std::span<const std::byte> bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) fail(path, errno);
    if (written > 0) bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

// Some file systems have no fsync and say EINVAL.
void synchronise(int fd, const fs::path& path) {
  if (::fsync(fd) != 0 && errno != EINVAL) fail(path, errno);
}

void synchronise_folder(const fs::path& file) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  const int failure = ::fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno;
  ::close(descriptor);
  if (failure != 0) fail(file, failure);
}

void make_parents(const fs::path& path) {
  if (!path.has_parent_path()) return;
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  if (failed) throw OutputError(path.parent_path().string() + ": " + failed.message());
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& path) : path_(path) {
  if (!path.has_filename()) fail(path, EISDIR);
  target_ = follow_links(path);
  make_parents(target_);
  struct stat existing {};
  const bool exists = ::stat(target_.c_str(), &existing) == 0;
  if (exists && S_ISDIR(existing.st_mode)) fail(path, EISDIR);
  if (exists && !S_ISREG(existing.st_mode)) {
    descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail(path, errno);
    return;
  }
  if (exists && ::faccessat(AT_FDCWD, target_.c_str(), W_OK, AT_EACCESS) != 0) fail(path, errno);
  std::tie(temporary_, descriptor_) = create_temporary(target_);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
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
      fail(path_, errno);
    }
    synchronise(descriptor_, path_);
  }
  if (::close(std::exchange(descriptor_, -1)) != 0) fail(path_, errno);
  if (in_place) return;
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(path_, errno);
  temporary_.clear();
  synchronise_folder(target_);
}

void write_file_atomically(const fs::path& path, std::span<const std::byte> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace velatura
