#include "core/unfinished_files.h"

#include <mutex>
#include <set>

namespace velatura {
namespace {

struct Unfinished {
  std::mutex mutex;
  std::set<std::filesystem::path> paths;
};

// Never destroyed: the process may end while others write.
Unfinished& unfinished() {
  static auto* const files = new Unfinished;
  return *files;
}

}  // namespace

void add_unfinished(const std::filesystem::path& path) {
  const std::scoped_lock lock(unfinished().mutex);
  unfinished().paths.insert(path);
}

void forget_unfinished(const std::filesystem::path& path) {
  const std::scoped_lock lock(unfinished().mutex);
  unfinished().paths.erase(path);
}

void remove_unfinished_files() {
  const std::scoped_lock lock(unfinished().mutex);
  std::error_code ignored;
  for (const auto& path : unfinished().paths) std::filesystem::remove_all(path, ignored);
}

}  // namespace velatura
