#pragma once

#include <cstdint>
#include <filesystem>

namespace velatura {

/// Bytes of memory that this process can still take without swapping: what the machine has and what
/// its control groups (version 1 or 2, with all that they are in) let it have, whichever is less.
/// What the kernel would give up for it counts as free. 0: not known.
/// @param proc, cgroups  where these file systems are mounted
std::uint64_t available_memory(const std::filesystem::path& proc = "/proc",
                               const std::filesystem::path& cgroups = "/sys/fs/cgroup");

}  // namespace velatura
