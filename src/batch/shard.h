#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace velatura::batch {

/// One of several equal parts of a job file.
struct Shard {
  int index = 1;  ///< 1 … count
  int count = 1;
  std::string source = {};  ///< the environment variable that chose it; empty: the command line

  /// @param line  position among the lines that have something to make, from 0
  bool has(std::size_t line) const {
    return line % static_cast<std::size_t>(count) == static_cast<std::size_t>(index - 1);
  }
  bool is_all() const { return count == 1; }
  std::string text() const { return std::to_string(index) + "/" + std::to_string(count); }
};

/// @param given        "I/N", or "auto/N" with I from the environment; empty: both from there, all
///                     if it says nothing
/// @param environment  value of a variable, "" where it is not set. Read: Slurm's job arrays
///                     (SLURM_ARRAY_TASK_ID, _MIN, _MAX, _STEP, _COUNT), and JOB_COMPLETION_INDEX
///                     of Kubernetes' indexed jobs, which does not say of how many
/// @throws UsageError
Shard choose_shard(const std::string& given,
                   const std::function<std::string(const std::string&)>& environment);

}  // namespace velatura::batch
