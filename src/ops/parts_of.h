#pragma once

#include <cstdint>

namespace velatura::ops {

/// How many parts of so much at most make up the whole. @pre whole >= 0, part > 0
constexpr std::int64_t parts_of(std::int64_t whole, std::int64_t part) {
  return (whole + part - 1) / part;
}

}  // namespace velatura::ops
