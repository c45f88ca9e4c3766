#include "batch/json_values.h"

#include <nlohmann/json.hpp>

#include "velatura/error.h"

namespace velatura::batch {
namespace {

constexpr std::string_view kJsonBlanks = " \t\n\r";

std::string_view behind_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kJsonBlanks), text.size()));
  return text;
}

// Of a value of any kind that stands in an array.
std::size_t element_end(std::string_view text) {
  if (text.starts_with('{') || text.starts_with('[')) return json_end(text);
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (in_text && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      in_text = !in_text;
    } else if (!in_text && (text[i] == ',' || text[i] == ']')) {
      return i;
    }
  }
  return text.npos;
}

}  // namespace

bool begins_json(std::string_view text) {
  if (text.starts_with('[')) {
    text = behind_blanks(text.substr(1));
    if (text.starts_with(']')) return true;
  }
  if (!text.starts_with('{')) return false;
  text = behind_blanks(text.substr(1));
  return text.starts_with('"') || text.starts_with('}');
}

std::size_t json_end(std::string_view text) {
  std::size_t depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      if (c == '\n') return text.npos;  // no JSON string goes on behind it
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return text.npos;
}

std::vector<std::string_view> json_elements(std::string_view array) {
  if (!nlohmann::json::accept(array)) throw UsageError("the JSON array that begins here is broken");
  std::vector<std::string_view> elements;
  std::string_view rest = behind_blanks(array.substr(1));
  while (!rest.starts_with(']')) {
    const std::size_t end = element_end(rest);
    elements.push_back(rest.substr(0, end));
    rest = behind_blanks(rest.substr(end));
    if (rest.starts_with(',')) rest = behind_blanks(rest.substr(1));
  }
  return elements;
}

}  // namespace velatura::batch
