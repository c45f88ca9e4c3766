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
#include <utility>

#include "velatura/error.h"

namespace velatura {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, int reason) {
  throw OutputError(path.string() + ": " + std::strerror(reason));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int close() { return ::close(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

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

struct TemporaryFile {
  fs::path path;
  Descriptor descriptor;
};

TemporaryFile create_temporary(const fs::path& target) {
  std::random_device random;
  for (;;) {
    char name[40];
    const std::uint64_t number = std::uint64_t{random()} << 32u | random();
    std::snprintf(name, sizeof name, ".velatura-%016llx.part",
                  static_cast<unsigned long long>(number));
    const fs::path path = target.parent_path() / name;
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) return {path, Descriptor(fd)};
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
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.get() >= 0) synchronise(descriptor.get(), file);
}

void write_in_place(const fs::path& path, std::span<const std::byte> bytes) {
  Descriptor descriptor(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (descriptor.get() < 0) fail(path, errno);
  write_all(descriptor.get(), bytes, path);
  if (descriptor.close() != 0) fail(path, errno);
}

void make_parents(const fs::path& path) {
  if (!path.has_parent_path()) return;
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  if (failed) throw OutputError(path.parent_path().string() + ": " + failed.message());
}

}  // namespace

void write_file_atomically(const fs::path& path, std::span<const std::byte> bytes) {
  if (!path.has_filename()) fail(path, EISDIR);
  const fs::path target = follow_links(path);
  make_parents(target);
  struct stat existing {};
  const bool exists = ::stat(target.c_str(), &existing) == 0;
  if (exists && S_ISDIR(existing.st_mode)) fail(path, EISDIR);
  if (exists && !S_ISREG(existing.st_mode)) return write_in_place(path, bytes);
  if (exists && ::faccessat(AT_FDCWD, target.c_str(), W_OK, AT_EACCESS) != 0) fail(path, errno);

  TemporaryFile temporary = create_temporary(target);
  try {
    write_all(temporary.descriptor.get(), bytes, path);
    if (exists && ::fchmod(temporary.descriptor.get(), existing.st_mode & 07777) != 0) {
      fail(path, errno);
    }
    synchronise(temporary.descriptor.get(), path);
    if (temporary.descriptor.close() != 0) fail(path, errno);
    if (::rename(temporary.path.c_str(), target.c_str()) != 0) fail(path, errno);
  } catch (...) {
    ::unlink(temporary.path.c_str());
    throw;
  }
  synchronise_folder(target);
}

}  // namespace velatura
