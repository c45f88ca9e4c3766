#pragma once

#include <stdexcept>
#include <string>

namespace velatura {

/// What went wrong, by the one who can mend it. The value is the process exit code.
enum class ErrorKind : int {
  internal = 1,  ///< a defect in velatura itself
  usage = 2,     ///< an option or request that cannot be carried out as asked
  input = 3,     ///< a model, picture or prompt file that is unusable
  jobs = 4,      ///< some jobs of a batch failed, or pictures are not as they were made
  resource = 5,  ///< out of memory, or the device is missing or failing
  output = 6,    ///< a result could not be written
  interrupted = 130,
};

/// Every error velatura reports. The message is one line that names the file or option, the key,
/// what was expected and what was found, and ends without a full stop.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

struct UsageError : Error {
  explicit UsageError(const std::string& message) : Error(ErrorKind::usage, message) {}
};
struct InputError : Error {
  explicit InputError(const std::string& message) : Error(ErrorKind::input, message) {}
};
struct ResourceError : Error {
  explicit ResourceError(const std::string& message) : Error(ErrorKind::resource, message) {}
};
struct OutputError : Error {
  explicit OutputError(const std::string& message) : Error(ErrorKind::output, message) {}
};
struct Interrupted : Error {
  Interrupted() : Error(ErrorKind::interrupted, "interrupted") {}
};

}  // namespace velatura
