#pragma once

#include <cstddef>

namespace velatura::weights {

// What no weight file needs more of, whatever its format.
constexpr std::size_t kLongestName = 4096;  ///< bytes, of a tensor's
constexpr std::size_t kMostDimensions = 64;

}  // namespace velatura::weights
