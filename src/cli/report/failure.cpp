#include "cli/report/failure.h"

#include <c10/util/Exception.h>

#include <CLI/Error.hpp>
#include <cctype>
#include <exception>
#include <iostream>
#include <string>

#include "cli/interrupt.h"
#include "cli/pictures/picture_lines.h"
#include "core/out_of_memory.h"
#include "core/text.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

bool is_of_a_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
}

// Where the field is named first, not as a part of another word.
std::size_t find_name(const std::string& message, const std::string& field) {
  for (std::size_t at = 0; (at = message.find(field, at)) != message.npos; ++at) {
    const std::size_t end = at + field.size();
    const bool begins = at == 0 || !is_of_a_name(message[at - 1]);
    if (begins && (end == message.size() || !is_of_a_name(message[end]))) return at;
  }
  return message.npos;
}

// What libtorch and the standard library throw.
Failure foreign(const std::exception& error) {
  if (const auto exhausted = out_of_memory(error)) return {exhausted->kind(), told(*exhausted)};
  const auto* of_torch = dynamic_cast<const c10::Error*>(&error);
  const std::string what = of_torch != nullptr ? of_torch->what_without_backtrace() : error.what();
  if (dynamic_cast<const c10::AcceleratorError*>(&error) != nullptr) {
    return {ErrorKind::resource, "the device failed: " + what, true};
  }
  return {ErrorKind::internal, "internal error: " + what};
}

Failure describe() {
  try {
    throw;
  } catch (const Error& error) {
    return {error.kind(), told(error)};
  } catch (const CLI::Error& error) {
    return {ErrorKind::usage, error.what()};
  } catch (const std::exception& error) {
    return foreign(error);
  } catch (...) {
    return {ErrorKind::internal, "internal error of an unknown kind"};
  }
}

}  // namespace

std::string told(const Error& error) {
  std::string message = error.what();
  for (const std::string& field : error.fields()) {
    const std::size_t at = find_name(message, field);
    if (at != message.npos) message.insert(at, "--");
  }
  return message;
}

Failure current_failure() {
  Failure failure = describe();
  // One line, whatever a library put into its message.
  failure.message = first_line(failure.message);
  return failure;
}

int report_failure(bool json) {
  const Failure failure = current_failure();
  if (failure.kind == ErrorKind::interrupted) return interruption_exit_code();  // it has spoken
  const int exit_code = static_cast<int>(failure.kind);
  if (json) {
    std::cerr << json_line({{"error", failure.message}, {"exit_code", exit_code}}) << "\n";
  } else {
    std::cerr << "velatura: " << failure.message
              << (failure.kind == ErrorKind::usage ? " (see --help)" : "") << "\n";
  }
  return exit_code;
}

}  // namespace velatura::cli
