#include "cli/failure.h"

#include <c10/util/Exception.h>

#include <CLI/Error.hpp>
#include <iostream>
#include <new>
#include <string>

#include "cli/interrupt.h"
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

// libtorch reports an exhausted heap as an ordinary c10::Error.
bool is_out_of_memory(const std::string& message) {
  return message.find("DefaultCPUAllocator") != std::string::npos ||
         message.find("out of memory") != std::string::npos;
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
  } catch (const c10::OutOfMemoryError&) {
    return report(ErrorKind::resource, "the device is out of memory");
  } catch (const c10::AcceleratorError& error) {
    return report(ErrorKind::resource,
                  std::string("the device failed: ") + error.what_without_backtrace());
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    if (is_out_of_memory(message)) return report(ErrorKind::resource, "out of memory: " + message);
    return report(ErrorKind::internal, "internal error: " + message);
  } catch (const std::bad_alloc&) {
    return report(ErrorKind::resource, "out of memory");
  } catch (const std::exception& error) {
    return report(ErrorKind::internal, std::string("internal error: ") + error.what());
  } catch (...) {
    return report(ErrorKind::internal, "internal error of an unknown kind");
  }
}

}  // namespace velatura::cli
