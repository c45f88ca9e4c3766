#include "batch/job_line.h"

#include "batch/flag_line.h"
#include "batch/json_line.h"
#include "batch/web_ui_names.h"
#include "core/text.h"
#include "velatura/error.h"

namespace velatura::batch {
namespace {

constexpr std::string_view kBlanks = " \t\r\f\v";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

std::optional<Settings> parse_job_line(std::string_view line) {
  line = trimmed(line);
  if (line.empty() || line.front() == '#') return std::nullopt;
  if (!is_utf8(line)) throw UsageError("the line is not valid UTF-8");
  if (line.find('\0') != line.npos) throw UsageError("the line holds a NUL character");
  Settings settings = line.front() == '{'      ? parse_json_line(line)
                      : line.starts_with("--") ? parse_shell_flags(line)
                                               : parse_prompt_with_flags(line);
  return from_web_ui_names(settings);
}

JobFile parse_job_file(std::string_view text) {
  JobFile file;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    try {
      auto settings = parse_job_line(line);
      if (settings) file.lines.push_back({number, std::move(*settings)});
    } catch (const UsageError& error) {
      file.errors.push_back({number, error.what()});
    }
  }
  return file;
}

}  // namespace velatura::batch
