#pragma once

namespace velatura::cli {

/// The whole program: reads the command line, does the work, reports what went wrong in one line.
/// @return the process exit code (velatura::ErrorKind, or 0)
int run(int argc, const char* const* argv);

}  // namespace velatura::cli
