#pragma once

namespace velatura::pipelines {

/// Sides of pictures are multiples of this and of the VAE's factor.
constexpr int kSideMultiple = 8;

/// @param option  for messages
/// @throws UsageError for a side that is no such multiple, naming the two nearest
int check_side(const char* option, int side, int multiple);

}  // namespace velatura::pipelines
