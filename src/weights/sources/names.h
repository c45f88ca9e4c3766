#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace velatura::weights {

/// A tensor's name as it may stand in a message: control characters escaped, long ones shortened.
std::string shown(std::string_view name);

/// "a, b, c and 12 more", of names already fit to be shown.
std::string some_of(const std::vector<std::string>& names, std::size_t limit = 10);

/// "[4, 77, 768]"
template <class Dims>
std::string shape_text(const Dims& shape) {
  std::string text = "[";
  for (const auto size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

/// Whether `name` matches `pattern`, in which each `*` stands for any characters.
bool matches(std::string_view name, std::string_view pattern);
bool matches_any(std::string_view name, std::span<const std::string> patterns);

}  // namespace velatura::weights
