#pragma once

#include <cstdint>

namespace velatura::ops {

/// How many parts of so much at most make up the whole. @pre whole >= 0, part > 0
constexpr std::int64_t parts_of(std::int64_t whole, std::int64_t part) {
  return (whole + part - 1) / part;
}

constexpr std::int64_t up_to_multiple(std::int64_t n, std::int64_t of) {
  return parts_of(n, of) * of;
}

/// The size of equal parts of some `most` at most, but for the last, each a multiple of `of`.
/// @pre whole, most > 0
constexpr std::int64_t equal_part(std::int64_t whole, std::int64_t most, std::int64_t of) {
  return up_to_multiple(parts_of(whole, parts_of(whole, most)), of);
}

}  // namespace velatura::ops
