#pragma once

#include <string>

#include "velatura/error.h"

namespace velatura::cli {

/// An exception as the user should hear of it.
struct Failure {
  ErrorKind kind;
  std::string message;         ///< one line
  bool device_failed = false;  ///< whatever is tried next will fail, too
};

/// The error's message, with the fields that it names written as options: "--width 5: …".
std::string told(const Error& error);

/// What the exception being handled is.
Failure current_failure();

/// Says on stderr, in one line, what the exception being handled means for the user.
/// @param json  as an object: {"error": MESSAGE, "exit_code": N}
/// @return the exit code for it
int report_failure(bool json);

}  // namespace velatura::cli
