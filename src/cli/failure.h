#pragma once

namespace velatura::cli {

/// Says on stderr, in one line, what the exception being handled means for the user.
/// @return the exit code for it
int report_failure();

}  // namespace velatura::cli
