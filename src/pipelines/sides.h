#pragma once

namespace velatura::pipelines {

/// Sides of pictures are multiples of this and of the VAE's factor.
constexpr int kSideMultiple = 8;

/// No side that is asked for may be longer.
constexpr int kLargestSide = 16384;

/// @param field  what is checked, for messages: "width", "extend: the width"
/// @throws UsageError for a side that is no such multiple, naming the two nearest
int check_side(const char* field, int side, int multiple);

}  // namespace velatura::pipelines
