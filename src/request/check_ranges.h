#pragma once

#include "velatura/request.h"

namespace velatura::request {

/// @throws UsageError naming the first field whose value is out of its range
void check_ranges(const Request& request);

}  // namespace velatura::request
