#include "cli/report/selftest_text.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/report/padded.h"

namespace velatura::cli {
namespace {

std::string seconds_text(double seconds, int width) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%*.2f s", width, seconds);
  return text.data();
}

}  // namespace

std::string to_text(const selftest::Row& row, std::size_t name_width) {
  return padded(selftest::name_of(row.finding.outcome), 7) + seconds_text(row.seconds, 7) + "  " +
         padded(row.name, name_width) + "  " + row.finding.detail;
}

std::string summary_text(const selftest::Report& report) {
  using selftest::Outcome;
  std::string text = std::to_string(report.count(Outcome::passed)) + " passed";
  for (const Outcome outcome : {Outcome::failed, Outcome::skipped}) {
    const std::size_t count = report.count(outcome);
    if (count > 0) text += ", " + std::to_string(count) + " " + selftest::name_of(outcome);
  }
  return text + " in " + seconds_text(report.seconds(), 0);
}

}  // namespace velatura::cli
