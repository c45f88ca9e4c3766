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

// libtorch reports an exhausted heap as an ordinary c10::Error:
// "… DefaultCPUAllocator: can't allocate memory: you tried to allocate N bytes. …"
bool is_heap_exhausted(const std::string& message) {
  return message.find("DefaultCPUAllocator: can't allocate memory") != std::string::npos;
}

int report_out_of_memory(const std::string& of) {
  return report(ErrorKind::resource,
                of + " out of memory: a smaller --batch-size or picture needs less");
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
    return report_out_of_memory("the GPU ran");
  } catch (const c10::AcceleratorError& error) {
    return report(ErrorKind::resource,
                  std::string("the device failed: ") + error.what_without_backtrace());
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    if (is_heap_exhausted(message)) return report_out_of_memory("the computer ran");
    return report(ErrorKind::internal, "internal error: " + message);
  } catch (const std::bad_alloc&) {
    return report_out_of_memory("the computer ran");
  } catch (const std::exception& error) {
    return report(ErrorKind::internal, std::string("internal error: ") + error.what());
  } catch (...) {
    return report(ErrorKind::internal, "internal error of an unknown kind");
  }
}

}  // namespace velatura::cli
