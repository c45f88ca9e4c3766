#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "velatura/error.h"

namespace velatura::batch {

/// Thrown by a maker for what would make the next picture fail, too, such as a device that is lost.
struct EndOfRun : Error {
  using Error::Error;
};

/// Makes the pictures of a group, calling `made` with each as soon as it is saved. What it throws
/// is for those that are not.
using MakeGroup = std::function<void(const std::vector<std::size_t>& group,
                                     const std::function<void(std::size_t picture)>& made)>;

/// Who watches.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  /// A picture was not made, and will be tried once more.
  virtual void on_retry(std::size_t picture, const std::string& reason) = 0;
  /// A picture was not made, and will not be.
  virtual void on_failed(std::size_t picture, const std::string& reason) = 0;
  /// Asked between two groups: true ends the run.
  virtual bool stopped() = 0;
};

struct RunResult {
  std::size_t made = 0, failed = 0;
  bool complete = true;  ///< false: stopped before the last group
};

/// Makes one group after the other. What fails is tried once more, each picture alone, unless it
/// was alone and fails for what it is made from; then it is counted. It does not stop the rest,
/// unless with `fail_fast`.
/// @param make    throws nothing but Error
/// @param result  is kept up to date, for the case that the run ends with an error
/// @throws EndOfRun, OutputError, Interrupted, as `make` does
void run(const std::vector<std::vector<std::size_t>>& groups, const MakeGroup& make, bool fail_fast,
         RunObserver& observer, RunResult& result);

}  // namespace velatura::batch
