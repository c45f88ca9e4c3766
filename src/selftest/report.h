#pragma once

#include <string>
#include <vector>

#include "selftest/check.h"

namespace velatura::selftest {

/// What became of all checks on one device.
struct Report {
  std::string device;  ///< "cpu", "cuda:0"
  std::vector<Row> rows;

  std::size_t count(Outcome outcome) const;
  double seconds() const;
};

}  // namespace velatura::selftest
