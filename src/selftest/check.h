#pragma once

#include <c10/core/Device.h>

#include <functional>
#include <span>
#include <string>
#include <utility>

namespace velatura::selftest {

enum class Outcome { passed, failed, skipped };

/// "passed", "failed", "skipped"
const char* name_of(Outcome outcome);

/// What a check found, with one line of detail.
struct Finding {
  Outcome outcome;
  std::string detail;
};

inline Finding passed(std::string detail) {
  return {Outcome::passed, std::move(detail)};
}
inline Finding failed(std::string detail) {
  return {Outcome::failed, std::move(detail)};
}
inline Finding skipped(std::string detail) {
  return {Outcome::skipped, std::move(detail)};
}

/// One thing to check about a machine and a build, without any files but velatura's own.
struct Check {
  std::string name;
  std::function<Finding(at::Device)> run;  ///< what it throws counts as a failure
};

/// All checks, from the simplest to those that need the others.
std::span<const Check> all_checks();

/// What became of one check.
struct Row {
  std::string name;
  Finding finding;
  double seconds;
};

/// Carries one check out; an exception becomes a failure with the first line of its message.
Row run_check(const Check& check, at::Device device);

}  // namespace velatura::selftest
