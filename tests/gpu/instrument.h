#pragma once

#include <string>
#include <vector>

#include "support/run_program.h"

namespace velatura::testing {

/// velatura on this test program's instrument: its environment is what CMake gave it.
inline Outcome on_instrument(const std::vector<std::string>& arguments,
                             const std::map<std::string, std::string>& environment = {}) {
  return run_program(VELATURA_PROGRAM, {.arguments = arguments, .environment = environment});
}

/// Counts of events by name, from "COUNT EVENT" lines.
class EventCounts {
 public:
  explicit EventCounts(const std::string& report) {
    for (const std::string& line : lines(report)) {
      const auto space = line.find(' ');
      counts_[line.substr(space + 1)] += std::stol(line.substr(0, space));
    }
  }
  /// Of all events that begin so.
  long of(const std::string& beginning) const {
    long sum = 0;
    for (const auto& [event, count] : counts_) {
      if (event.starts_with(beginning)) sum += count;
    }
    return sum;
  }

 private:
  std::map<std::string, long> counts_;
};

}  // namespace velatura::testing
