#pragma once

#include <string_view>

#include "batch/job_file.h"

namespace velatura::batch {

/// Jobs of a table, a row each; the first row names the options, as velatura or a web UI does. An
/// empty cell gives nothing. @param text  see job_text()
JobFile parse_job_table(std::string_view text, const KnownOptions& known);

}  // namespace velatura::batch
