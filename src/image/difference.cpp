#include "image/difference.h"

#include <algorithm>
#include <cstdlib>

namespace velatura {

Difference difference(const Image& a, const Image& b) {
  Difference difference;
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    const int levels = std::abs(a.pixels[i] - b.pixels[i]);
    difference.largest = std::max(difference.largest, levels);
    sum += levels;
  }
  difference.mean = sum / static_cast<double>(a.pixels.size());
  return difference;
}

}  // namespace velatura
