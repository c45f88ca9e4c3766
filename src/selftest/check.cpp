#include "selftest/check.h"

#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <chrono>
#include <exception>

#include "core/text.h"

namespace velatura::selftest {
namespace {

Finding finding_of(const Check& check, at::Device device) {
  try {
    const c10::InferenceMode inference;
    return check.run(device);
  } catch (const c10::Error& error) {
    return failed(first_line(error.what_without_backtrace()));
  } catch (const std::exception& error) {
    return failed(first_line(error.what()));
  }
}

}  // namespace

const char* name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return "passed";
    case Outcome::failed:
      return "failed";
    case Outcome::skipped:
      return "skipped";
  }
  return "";
}

Row run_check(const Check& check, at::Device device) {
  const auto begin = std::chrono::steady_clock::now();
  Finding finding = finding_of(check, device);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  return {check.name, std::move(finding), elapsed.count()};
}

}  // namespace velatura::selftest
