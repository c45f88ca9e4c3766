#pragma once

#include <string>
#include <string_view>

namespace velatura {

/// What Python's json module wrote, as JSON: the bare words NaN, Infinity and -Infinity, which JSON
/// does not have, become null. Lines stay as they are.
std::string json_from_python(std::string_view text);

}  // namespace velatura
