#include "selftest/report.h"

#include <algorithm>
#include <numeric>

namespace velatura::selftest {

std::size_t Report::count(Outcome outcome) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      rows, [outcome](const Row& row) { return row.finding.outcome == outcome; }));
}

double Report::seconds() const {
  return std::accumulate(rows.begin(), rows.end(), 0.0,
                         [](double sum, const Row& row) { return sum + row.seconds; });
}

}  // namespace velatura::selftest
