#include "batch/job_line.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "batch/blanks.h"
#include "batch/flag_line.h"
#include "batch/json_line.h"
#include "batch/web_ui_names.h"
#include "core/text.h"
#include "velatura/error.h"

namespace velatura::batch {
namespace {

// "steps": 20, or what closes an object: what is left where one is broken.
bool is_inside_of_json(std::string_view line) {
  if (line.front() == '}' || line.front() == ']') return true;
  if (line.front() != '"') return false;
  const std::string_view key = line.substr(1, line.find('"', 1) - 1);
  if (key.size() + 2 > line.size()) return false;
  const auto is_of_a_key = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  return std::ranges::all_of(key, is_of_a_key) &&
         without_blanks_around(line.substr(key.size() + 2)).starts_with(':');
}

}  // namespace

std::optional<Settings> parse_job_line(std::string_view line, const KnownOptions& known) {
  line = without_blanks_around(line);
  if (line.empty() || line.front() == '#') return std::nullopt;
  if (!is_utf8(line)) throw UsageError("the line is not valid UTF-8");
  if (line.find('\0') != line.npos)
    throw UsageError("the line holds a NUL character (UTF-16 needs a byte-order mark)");
  if (is_inside_of_json(line))
    throw UsageError("the line is a part of a JSON object whose beginning is not before it");
  if (line.front() == '[' && nlohmann::json::accept(line))
    throw UsageError(R"(a JSON array of jobs holds objects, such as [{"prompt": "a cat"}])");
  Settings settings = line.front() == '{'      ? parse_json_line(line)
                      : line.starts_with("--") ? parse_shell_flags(line, known)
                                               : parse_prompt_with_flags(line, known);
  return from_web_ui_names(settings);
}

}  // namespace velatura::batch
