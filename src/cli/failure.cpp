#include "cli/failure.h"

#include <c10/util/Exception.h>

#include <CLI/Error.hpp>
#include <exception>
#include <iostream>
#include <string>

#include "cli/interrupt.h"
#include "core/out_of_memory.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

int report(ErrorKind kind, const std::string& message) {
  // One line, whatever a library put into its message.
  std::cerr << "velatura: " << message.substr(0, message.find('\n')) << "\n";
  return static_cast<int>(kind);
}

int report_usage(const std::string& message) {
  return report(ErrorKind::usage, message.substr(0, message.find('\n')) + " (see --help)");
}

// What libtorch and the standard library throw.
int report_foreign(const std::exception& error) {
  if (const auto message = out_of_memory_message(error)) {
    return report(ErrorKind::resource, *message);
  }
  const auto* of_torch = dynamic_cast<const c10::Error*>(&error);
  const std::string what = of_torch ? of_torch->what_without_backtrace() : error.what();
  if (dynamic_cast<const c10::AcceleratorError*>(&error) != nullptr) {
    return report(ErrorKind::resource, "the device failed: " + what);
  }
  return report(ErrorKind::internal, "internal error: " + what);
}

}  // namespace

int report_failure() {
  try {
    throw;
  } catch (const Interrupted&) {
    return interruption_exit_code();  // the signal's handler has spoken
  } catch (const UsageError& error) {
    return report_usage(error.what());
  } catch (const CLI::Error& error) {
    return report_usage(error.what());
  } catch (const Error& error) {
    return report(error.kind(), error.what());
  } catch (const std::exception& error) {
    return report_foreign(error);
  } catch (...) {
    return report(ErrorKind::internal, "internal error of an unknown kind");
  }
}

}  // namespace velatura::cli
