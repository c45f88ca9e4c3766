#pragma once

#include "velatura/image.h"

namespace velatura {

/// How far two pictures are from each other, in levels (0 … 255) over all pixels and colours.
struct Difference {
  int largest = 0;
  double mean = 0;
};

/// Of two pictures of one size, which must not be empty.
Difference difference(const Image& a, const Image& b);

}  // namespace velatura
