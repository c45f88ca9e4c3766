#include "weights/formats/mapped_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <system_error>
#include <utility>

#include "velatura/error.h"

namespace velatura::weights {
namespace {

// The files mapped now. A signal handler reads the table, so it is a fixed array of atomics.
struct Slot {
  std::atomic<std::uintptr_t> begin{0};
  std::atomic<std::uintptr_t> end{0};
  std::atomic<bool> lost{false};
  const MappedFile* file = nullptr;  // guarded by table_mutex
};
constinit std::array<Slot, 1024> table{};
std::mutex table_mutex;
struct sigaction previous_action;

std::uintptr_t page_size() {
  static const auto size = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  return size;
}

Slot* slot_of(std::uintptr_t address) {
  for (Slot& slot : table) {
    if (slot.begin.load() <= address && address < slot.end.load()) return &slot;
  }
  return nullptr;
}

// A page of a mapped file is gone: zeros take the place of the rest of the mapping, the reader goes
// on, and verify() tells. Other bus errors go where they went before.
void on_bus_error(int number, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  Slot* const slot = info->si_code > 0 ? slot_of(address) : nullptr;  // else it was only sent
  if (slot) {
    const std::uintptr_t in_page = address % page_size();
    slot->lost = true;
    if (mmap(static_cast<std::byte*>(info->si_addr) - in_page, slot->end - address + in_page,
             PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1,
             0) != MAP_FAILED) {
      errno = saved_errno;
      return;
    }
  }
  if (previous_action.sa_flags & SA_SIGINFO) {
    previous_action.sa_sigaction(number, info, context);
  } else if (previous_action.sa_handler != SIG_DFL && previous_action.sa_handler != SIG_IGN) {
    previous_action.sa_handler(number);
  } else {
    signal(SIGBUS, SIG_DFL);
    raise(SIGBUS);
  }
}

void guard_against_bus_errors() {
  static const bool installed = [] {
    page_size();
    struct sigaction action {};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    return sigaction(SIGBUS, &action, &previous_action) == 0;
  }();
  static_cast<void>(installed);
}

std::string reason() {
  return std::generic_category().message(errno);
}

void advise(std::span<const std::byte> memory, int advice) {
  if (memory.empty()) return;
  const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
  if (!slot_of(address)) return;
  const std::uintptr_t before = address % page_size();  // in its first page
  madvise(const_cast<std::byte*>(memory.data()) - before, before + memory.size(), advice);
}

}  // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& path) {
  guard_against_bus_errors();
  const std::string where = path.string();
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) throw InputError(where + ": " + reason());
  struct stat status {};
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    throw InputError(where + ": not a regular file");
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  std::span<const std::byte> bytes;
  if (size > 0) {
    void* const memory = mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
    if (memory == MAP_FAILED) {
      const std::string why = reason();
      ::close(descriptor);
      throw InputError(where + ": could not be mapped: " + why);
    }
    bytes = {static_cast<const std::byte*>(memory), size};
  }
  return std::shared_ptr<const MappedFile>(new MappedFile(where, descriptor, bytes));
}

MappedFile::MappedFile(std::string where, int descriptor, std::span<const std::byte> bytes)
    : where_(std::move(where)), descriptor_(descriptor), bytes_(bytes) {
  const std::lock_guard lock(table_mutex);
  for (slot_ = 0; slot_ < table.size(); ++slot_) {
    if (!table[slot_].file) break;
  }
  if (slot_ == table.size()) {
    if (!bytes_.empty()) munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
    ::close(descriptor_);
    throw ResourceError(where_ + ": more than " + std::to_string(table.size()) + " files mapped");
  }
  Slot& slot = table[slot_];
  slot.file = this;
  slot.lost = false;
  slot.begin = reinterpret_cast<std::uintptr_t>(bytes_.data());
  slot.end = slot.begin + bytes_.size();
}

MappedFile::~MappedFile() {
  const std::lock_guard lock(table_mutex);
  table[slot_].end = 0;
  table[slot_].begin = 0;
  table[slot_].file = nullptr;
  if (!bytes_.empty()) munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
  ::close(descriptor_);
}

void MappedFile::verify() const {
  struct stat status {};
  if (fstat(descriptor_, &status) != 0) throw InputError(where_ + ": " + reason());
  if (static_cast<std::size_t>(status.st_size) < bytes_.size()) {
    throw InputError(where_ + ": was truncated while in use, from " +
                     std::to_string(bytes_.size()) + " to " + std::to_string(status.st_size) +
                     " bytes");
  }
  if (table[slot_].lost) throw InputError(where_ + ": a part of it could not be read from disk");
}

void verify_mapped_files() {
  const std::lock_guard lock(table_mutex);
  for (const Slot& slot : table) {
    if (slot.file) slot.file->verify();
  }
}

void about_to_read(std::span<const std::byte> memory) {
#ifdef MADV_POPULATE_READ
  advise(memory, MADV_POPULATE_READ);
#else
  advise(memory, MADV_WILLNEED);
#endif
}

void done_reading(std::span<const std::byte> memory) {
  advise(memory, MADV_DONTNEED);
}

}  // namespace velatura::weights
