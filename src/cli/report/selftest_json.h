#pragma once

#include <nlohmann/json.hpp>

#include "selftest/report.h"

namespace velatura::cli {

/// What `velatura selftest --json` prints.
nlohmann::ordered_json to_json(const selftest::Report& report);

}  // namespace velatura::cli
