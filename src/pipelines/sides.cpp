#include "pipelines/sides.h"

#include <string>

#include "velatura/error.h"

namespace velatura::pipelines {

int check_side(const char* field, int side, int multiple) {
  const std::string given = std::string(field) + " " + std::to_string(side);
  const std::string name = given.substr(0, given.find_first_of(": "));
  if (side < multiple || side > kLargestSide) {
    throw UsageError(
        given + ": expected " + std::to_string(multiple) + " … " + std::to_string(kLargestSide),
        {name});
  }
  if (side % multiple != 0) {
    const int below = side / multiple * multiple;
    throw UsageError(given + " is not a multiple of " + std::to_string(multiple) + ": " +
                         std::to_string(below) + " and " + std::to_string(below + multiple) +
                         " are the nearest",
                     {name});
  }
  return side;
}

}  // namespace velatura::pipelines
