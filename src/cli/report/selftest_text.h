#pragma once

#include <string>

#include "selftest/report.h"

namespace velatura::cli {

/// One line of `velatura selftest`: outcome, seconds, name and detail in columns.
/// @param name_width  of the column of names
std::string to_text(const selftest::Row& row, std::size_t name_width);

/// "13 passed, 1 failed, 2 skipped in 1.5 s"
std::string summary_text(const selftest::Report& report);

}  // namespace velatura::cli
