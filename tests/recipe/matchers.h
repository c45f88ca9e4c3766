#pragma once

#include <gmock/gmock.h>

#include <string>

#include "recipe/recipe.h"

namespace velatura::recipe {

/// The value of an option; "-" if it is not set.
inline std::string value(const Recipe& recipe, std::string_view option) {
  return recipe.find(option).value_or("-");
}

/// One of the lines that say what does not map contains `part`.
MATCHER_P(LeavesOut, part, std::string("leaves out ") + part) {
  *result_listener << testing::PrintToString(arg.unmapped);
  return testing::Value(arg.unmapped, testing::Contains(testing::HasSubstr(part)));
}

}  // namespace velatura::recipe
