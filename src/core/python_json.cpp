#include "core/python_json.h"

#include <algorithm>
#include <array>

namespace velatura {

std::string json_from_python(std::string_view text) {
  constexpr std::array<std::string_view, 3> kWords{"-Infinity", "Infinity", "NaN"};
  std::string json;
  json.reserve(text.size());
  bool in_string = false;
  for (std::size_t i = 0; i < text.size();) {
    const auto is_here = [&](std::string_view word) { return text.substr(i).starts_with(word); };
    const auto* word = in_string ? kWords.end() : std::ranges::find_if(kWords, is_here);
    if (word != kWords.end()) {
      json += "null";
      i += word->size();
      continue;
    }
    if (text[i] == '"') in_string = !in_string;
    const std::size_t size = in_string && text[i] == '\\' ? 2 : 1;
    json += text.substr(i, size);
    i += size;
  }
  return json;
}

}  // namespace velatura
