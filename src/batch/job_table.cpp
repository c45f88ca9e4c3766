#include "batch/job_table.h"

#include <algorithm>
#include <utility>

#include "batch/table.h"
#include "batch/web_ui_names.h"
#include "core/text.h"
#include "velatura/error.h"

namespace velatura::batch {
namespace {

// "Negative Prompt", as people write it above a column: "negative-prompt".
std::string option_of(std::string column, const KnownOptions& known) {
  const auto is_option = [&known](const std::string& name) {
    return name == "task" || known.names.contains(name) || is_of_web_uis(name);
  };
  column = with_dashes(std::move(column));
  if (is_option(column)) return column;
  std::ranges::replace(column, ' ', '-');
  column = in_lower_case(column);
  return is_option(column) ? column : "";
}

std::vector<std::string> options_of(const TableRow& header, const KnownOptions& known) {
  std::vector<std::string> options;
  for (const std::string& column : header.cells) {
    const std::string option = option_of(column, known);
    if (option.empty()) {
      const std::string near =
          nearest(column, std::vector<std::string>(known.names.begin(), known.names.end()));
      throw UsageError(
          "column '" + column + "' is no option" +
          (near.empty() ? ": the first row names them" : ", did you mean '" + near + "'?"));
    }
    if (std::ranges::find(options, option) != options.end())
      throw UsageError("column '" + column + "' is there twice");
    options.push_back(option);
  }
  return options;
}

Settings settings_of(const TableRow& row, const std::vector<std::string>& options) {
  if (row.cells.size() != options.size()) {
    throw UsageError("the row has " + std::to_string(row.cells.size()) + " cells, the first one " +
                     std::to_string(options.size()));
  }
  Settings settings;
  for (std::size_t i = 0; i < options.size(); ++i) {
    const std::string& cell = row.cells[i];
    if (!is_utf8(cell)) throw UsageError(options[i] + " is not valid UTF-8");
    if (cell.find('\0') != cell.npos) throw UsageError(options[i] + " holds a NUL character");
    if (!cell.empty()) settings.push_back({options[i], cell});
  }
  return from_web_ui_names(settings);
}

}  // namespace

JobFile parse_job_table(std::string_view text, const KnownOptions& known) {
  const Table table =
      parse_table(text, separator_of(text.substr(text.find_first_not_of('\n') + 1)));
  JobFile file;
  std::vector<std::string> options;
  for (const TableRow& row : table.rows) {
    try {
      if (&row == &table.rows.front()) {
        options = options_of(row, known);
      } else {
        file.lines.push_back({row.line, settings_of(row, options)});
      }
    } catch (const UsageError& error) {
      file.errors.push_back({row.line, error.what()});
      if (options.empty()) break;  // whose rows mean nothing
    }
  }
  if (table.broken_line > 0) {
    file.errors.push_back(
        {table.broken_line, "a quote in this row is not closed, or there is text behind its end"});
  }
  return file;
}

}  // namespace velatura::batch
