#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "batch/settings.h"
#include "velatura/error.h"

namespace velatura::batch {

/// The settings of one line of a job file, each line recognised by itself:
///     a red circle                                         a prompt
///     a red circle --n blurry --w 512 --s 20 --l 7.5       kohya's letters, or names of options
///     --prompt "a red circle" --cfg_scale 7 --n_iter 2     a web UI's names, words as in a shell
///     {"prompt": "a red circle", "cfg_scale": 7}           the fields of a web UI's API
/// @return nothing for a blank line or a comment (which begins with #)
/// @throws UsageError saying what is wrong with it
std::optional<Settings> parse_job_line(std::string_view line);

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

JobFile parse_job_file(std::string_view text);

}  // namespace velatura::batch
