#pragma once

#include <string>

#include "selftest/report.h"

namespace velatura::cli {

/// JUnit's XML, one test suite with a case for each check, as CI systems read it. Details that
/// are not UTF-8, and characters that XML 1.0 (§2.2) cannot hold, become U+FFFD.
std::string to_junit(const selftest::Report& report);

}  // namespace velatura::cli
