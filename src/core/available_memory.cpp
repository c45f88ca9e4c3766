#include "core/available_memory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>

namespace velatura {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

// The number behind a word, as in "MemAvailable:   12345 kB".
std::optional<std::uint64_t> number_behind(const fs::path& path, const std::string& word) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  for (std::string read; file >> read;) {
    if (read == word && file >> number) return number;
  }
  return std::nullopt;
}

// Nothing for "max".
std::optional<std::uint64_t> number_in(const fs::path& path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  if (file >> number) return number;
  return std::nullopt;
}

/// What the files of a version are called.
struct Names {
  const char *limit, *usage, *inactive, *active;
};
constexpr Names kVersion1{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file",
                          "total_active_file"};
constexpr Names kVersion2{"memory.max", "memory.current", "inactive_file", "active_file"};

std::uint64_t free_in(const fs::path& group, const Names& names) {
  const auto limit = number_in(group / names.limit), usage = number_in(group / names.usage);
  if (!limit || !usage) return kNoLimit;
  const auto pages = [&](const char* kind) {
    return number_behind(group / "memory.stat", kind).value_or(0);
  };
  const std::uint64_t kept = pages(names.inactive) + pages(names.active);
  const std::uint64_t used = *usage - std::min(*usage, kept);
  return *limit - std::min(*limit, used);
}

// Of a group and all that it is in. In a container its path may be that of another name space; what
// is mounted there is then its own group.
std::uint64_t free_up_to(const fs::path& mount, const std::string& path, const Names& names) {
  std::uint64_t free = free_in(mount, names);
  fs::path group = mount;
  for (const fs::path& part : fs::path(path).relative_path()) {
    group /= part;
    free = std::min(free, free_in(group, names));
  }
  return free;
}

std::uint64_t free_in_groups(const fs::path& proc, const fs::path& cgroups) {
  std::uint64_t free = kNoLimit;
  std::ifstream file(proc / "self/cgroup");
  for (std::string line; std::getline(file, line);) {  // "4:cpu,memory:/path", "0::/path"
    std::istringstream fields(line);
    std::string number, controllers, path;
    std::getline(fields, number, ':');
    std::getline(fields, controllers, ':');
    std::getline(fields, path);
    if (number == "0" && controllers.empty()) {
      free = std::min(free, free_up_to(cgroups, path, kVersion2));
    } else if (("," + controllers + ",").find(",memory,") != std::string::npos) {
      free = std::min(free, free_up_to(cgroups / "memory", path, kVersion1));
    }
  }
  return free;
}

}  // namespace

std::uint64_t available_memory(const fs::path& proc, const fs::path& cgroups) {
  const auto kib = number_behind(proc / "meminfo", "MemAvailable:");
  const std::uint64_t of_machine = kib ? *kib * 1024 : kNoLimit;
  const std::uint64_t free = std::min(of_machine, free_in_groups(proc, cgroups));
  return free == kNoLimit ? 0 : free;
}

}  // namespace velatura
