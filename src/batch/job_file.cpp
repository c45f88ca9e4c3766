#include "batch/job_file.h"

#include <algorithm>
#include <cctype>

#include "batch/blanks.h"
#include "batch/job_line.h"
#include "batch/job_table.h"
#include "batch/job_text.h"
#include "batch/json_values.h"
#include "batch/table.h"
#include "core/text.h"
#include "velatura/error.h"

namespace velatura::batch {
namespace {

int line_ends_in(std::string_view text) {
  return static_cast<int>(std::ranges::count(text, '\n'));
}

bool is_name(std::string_view cell) {
  constexpr std::size_t kLongest = 40;
  const auto is_of_a_name = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  };
  return !cell.empty() && cell.size() <= kLongest && std::ranges::all_of(cell, is_of_a_name);
}

bool is_header(std::string_view line) {
  const Table table = parse_table(line, separator_of(line));
  if (table.rows.size() != 1 || table.rows.front().cells.size() < 2) return false;
  const auto& cells = table.rows.front().cells;
  return std::ranges::all_of(cells, is_name) && std::ranges::find(cells, "prompt") != cells.end();
}

/// Reads a file of lines.
class LineReader {
 public:
  LineReader(std::string_view text, const KnownOptions& known) : text_(text), known_(known) {}

  JobFile read() {
    while (at_ < text_.size()) {
      const std::string_view line = to_line_end(at_);
      const std::string_view value = json_value(line);
      if (value.starts_with('[')) {
        take_array(value);
      } else {
        take(value.empty() ? line : value, number_);
      }
      skip(value.empty() ? line : value);
    }
    return std::move(file_);
  }

 private:
  std::string_view to_line_end(std::size_t from) const {
    return text_.substr(from, text_.find('\n', from) - from);
  }

  // The JSON that begins with this line and ends with it or a later one; empty if none does.
  std::string_view json_value(std::string_view line) {
    const std::string_view begin = without_blanks_around(line);
    if (begin.empty() || (begin.front() != '{' && begin.front() != '[')) return {};
    const std::string_view rest =
        text_.substr(static_cast<std::size_t>(begin.data() - text_.data()));
    if (!begins_json(rest)) return {};
    // Where one is left open, those behind it are looked for on their own lines alone.
    const std::size_t end = json_end(is_open_ ? begin : rest);
    if (end == rest.npos) {
      is_open_ = true;
      return {};
    }
    const std::string_view value = rest.substr(0, end);
    const std::size_t behind = static_cast<std::size_t>(value.data() - text_.data()) + end;
    return without_blanks_around(to_line_end(behind)).empty() ? value : std::string_view();
  }

  // @param taken  of the text, which ends on the last line that is done
  void skip(std::string_view taken) {
    const auto end = static_cast<std::size_t>(taken.data() - text_.data()) + taken.size();
    const std::size_t next = std::min(text_.find('\n', end), text_.size() - 1) + 1;
    number_ += line_ends_in(text_.substr(at_, next - at_));
    at_ = next;
  }

  void take(std::string_view line, int number) {
    try {
      if (auto settings = parse_job_line(line, known_))
        file_.lines.push_back({number, std::move(*settings)});
    } catch (const UsageError& error) {
      file_.errors.push_back({number, error.what()});
    }
  }

  void take_array(std::string_view array) {
    try {
      int number = number_;
      const char* counted = array.data();
      for (const std::string_view element : json_elements(array)) {
        number += line_ends_in({counted, static_cast<std::size_t>(element.data() - counted)});
        counted = element.data();
        take_element(element, number);
      }
    } catch (const UsageError& error) {
      file_.errors.push_back({number_, error.what()});
    }
  }

  void take_element(std::string_view element, int number) {
    if (element.starts_with('{')) return take(element, number);
    file_.errors.push_back(
        {number, R"(a JSON array of jobs holds objects, such as {"prompt": "a cat"})"});
  }

  std::string_view text_;
  const KnownOptions& known_;
  JobFile file_;
  std::size_t at_ = 0;
  int number_ = 1;
  bool is_open_ = false;
};

}  // namespace

JobFileKind kind_of_job_file(std::string_view name, std::string_view text) {
  const std::string extension = in_lower_case(name.substr(std::min(name.rfind('.'), name.size())));
  const bool named = extension == ".csv" || extension == ".tsv" || extension == ".tab";
  while (text.starts_with('\n')) text.remove_prefix(1);
  return named || is_header(text.substr(0, text.find('\n'))) ? JobFileKind::table
                                                             : JobFileKind::lines;
}

JobFile parse_job_file(std::string_view name, std::string_view bytes, const KnownOptions& known) {
  const std::string text = job_text(bytes);
  switch (kind_of_job_file(name, text)) {
    case JobFileKind::table:
      return parse_job_table(text, known);
    case JobFileKind::lines:
      return LineReader(text, known).read();
  }
  return {};
}

}  // namespace velatura::batch
