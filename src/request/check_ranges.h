#pragma once

#include "velatura/request.h"

namespace velatura::request {

/// @throws UsageError if a picture's seed would be beyond 64 bits
void check_seeds(const PictureRequest& request);

/// @throws UsageError naming the first field whose value is out of its range, or that goes with
///         another one which is not there; and as check_seeds()
void check_ranges(const Request& request);

}  // namespace velatura::request
