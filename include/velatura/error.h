#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

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

/// Every error velatura reports. The message is one line that names the file or field, the key,
/// what was expected and what was found, and ends without a full stop.
class Error : public std::runtime_error {
 public:
  /// @param fields  those that the message names; see fields()
  Error(ErrorKind kind, const std::string& message, std::vector<std::string> fields = {})
      : std::runtime_error(message), kind_(kind), fields_(std::move(fields)) {}
  ErrorKind kind() const noexcept { return kind_; }

  /// What of a request or of ModelOptions the error is about, as the message names it: "width",
  /// "guidance-scale", as options do. The first is the one to be changed; none where it is about
  /// something else.
  const std::vector<std::string>& fields() const noexcept { return fields_; }

 private:
  ErrorKind kind_;
  std::vector<std::string> fields_;
};

struct UsageError : Error {
  explicit UsageError(const std::string& message, std::vector<std::string> fields = {})
      : Error(ErrorKind::usage, message, std::move(fields)) {}

  /// The first of fields(); empty: it is about none.
  std::string field() const { return fields().empty() ? "" : fields().front(); }
};
struct InputError : Error {
  explicit InputError(const std::string& message, std::vector<std::string> fields = {})
      : Error(ErrorKind::input, message, std::move(fields)) {}
};
struct ResourceError : Error {
  explicit ResourceError(const std::string& message, std::vector<std::string> fields = {})
      : Error(ErrorKind::resource, message, std::move(fields)) {}
};
struct OutputError : Error {
  explicit OutputError(const std::string& message) : Error(ErrorKind::output, message) {}
};
struct Interrupted : Error {
  Interrupted() : Error(ErrorKind::interrupted, "interrupted") {}
};

}  // namespace velatura
