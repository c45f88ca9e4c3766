#include "pipelines/sides.h"

#include <string>

#include "velatura/error.h"

namespace velatura::pipelines {
namespace {

constexpr int kLargestSide = 16384;

}  // namespace

int check_side(const char* option, int side, int multiple) {
  const std::string given = std::string(option) + " " + std::to_string(side);
  if (side < multiple || side > kLargestSide) {
    throw UsageError(given + ": expected " + std::to_string(multiple) + " … " +
                     std::to_string(kLargestSide));
  }
  if (side % multiple != 0) {
    const int below = side / multiple * multiple;
    throw UsageError(given + " is not a multiple of " + std::to_string(multiple) + ": " +
                     std::to_string(below) + " and " + std::to_string(below + multiple) +
                     " are the nearest");
  }
  return side;
}

}  // namespace velatura::pipelines
