#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "batch/journal.h"
#include "batch/plan.h"

namespace velatura::cli {

/// "1 picture", "2 pictures".
std::string count(std::size_t number, const char* what);

/// What of a batch is still to be done, and how long that may take.
class BatchCost {
 public:
  /// @param steps  of the picture
  /// @param entry  of the journal; null if it has none
  void add(const batch::Picture& picture, int steps, const batch::Entry* entry);

  /// The time is known only once pictures have been made.
  std::string text() const;

 private:
  std::size_t to_make_ = 0, there_ = 0;
  std::int64_t steps_to_make_ = 0, steps_there_ = 0;
  double seconds_there_ = 0;
};

}  // namespace velatura::cli
