#pragma once

#include <string>
#include <vector>

namespace velatura::request {

/// "a, b, c"
std::string in_a_row(const std::vector<std::string>& words);

/// "a, b or c"
std::string either(const std::vector<std::string>& words);

}  // namespace velatura::request
