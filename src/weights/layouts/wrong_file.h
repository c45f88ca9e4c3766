#pragma once

#include <string>

#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// Refuses a file that is something else than what an option takes, saying what it is and which
/// option takes it, where that can be told.
/// @param expected  "an IP-Adapter" @throws InputError
[[noreturn]] void refuse_file(const WeightSource& file, const std::string& expected);

}  // namespace velatura::weights
