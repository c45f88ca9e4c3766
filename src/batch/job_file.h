#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "batch/known_options.h"
#include "batch/settings.h"
#include "velatura/error.h"

namespace velatura::batch {

/// How a job file is read.
enum class JobFileKind {
  lines,  ///< see parse_job_line(); JSON objects, and arrays of them, may go over several lines
  table,  ///< CSV or TSV, the first row names the options
};

/// A file whose name ends in .csv, .tsv or .tab is a table; under another name, one whose first line
/// is nothing but names between separators, `prompt` among them. All others are lines.
/// @param text  see job_text()
JobFileKind kind_of_job_file(std::string_view name, std::string_view text);

/// A line that has something to make.
struct JobLine {
  int number;  ///< in its file, from 1
  Settings settings;
};

/// What is wrong with a line.
struct LineError {
  int number;
  std::string reason;
  ErrorKind kind = ErrorKind::input;
};

/// A job file read, both lists in its order.
struct JobFile {
  std::vector<JobLine> lines;
  std::vector<LineError> errors;
};

/// @param name   of the file, which may tell its kind
/// @param bytes  of the file, see job_text()
JobFile parse_job_file(std::string_view name, std::string_view bytes, const KnownOptions& known);

}  // namespace velatura::batch
