#pragma once

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "recipe/recipe.h"

namespace velatura::recipe {

/// The value of an option; "-" if it is not set.
inline std::string value(const Recipe& recipe, std::string_view option) {
  return recipe.find(option).value_or("-");
}

/// The values of an option that may be given several times, in order.
inline std::vector<std::string> values(const Recipe& recipe, std::string_view option) {
  std::vector<std::string> all;
  for (const auto& [name, value] : recipe.settings) {
    if (name == option) all.push_back(value);
  }
  return all;
}

/// One of the lines that say what does not map contains `part`.
MATCHER_P(LeavesOut, part, std::string("leaves out ") + part) {
  *result_listener << ::testing::PrintToString(arg.unmapped);
  return ::testing::Value(arg.unmapped, ::testing::Contains(::testing::HasSubstr(part)));
}

}  // namespace velatura::recipe
