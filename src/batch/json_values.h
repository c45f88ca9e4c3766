#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace velatura::batch {

/// True if a JSON object, or an array of objects, seems to begin with this text; what web UIs' prompts
/// begin with ([a|b], {a|b}) does not. Says nothing of its end.
bool begins_json(std::string_view text);

/// Where the object or array ends that the text begins with, by its brackets; npos if it does not.
std::size_t json_end(std::string_view text);

/// The elements of an array. @throws UsageError if it is broken
std::vector<std::string_view> json_elements(std::string_view array);

}  // namespace velatura::batch
