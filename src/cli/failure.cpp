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

// libtorch reports an exhausted heap as an ordinary c10::Error:
// "… DefaultCPUAllocator: can't allocate memory: you tried to allocate N bytes. …"
bool is_heap_exhausted(const std::string& message) {
  return message.find("DefaultCPUAllocator: can't allocate memory") != std::string::npos;
}

Failure out_of_memory(const std::string& of) {
  return {ErrorKind::resource, of + " out of memory: a smaller --batch-size or picture needs less"};
}

Failure describe() {
  try {
    throw;
  } catch (const Error& error) {
    return {error.kind(), error.what()};
  } catch (const CLI::Error& error) {
    return {ErrorKind::usage, error.what()};
  } catch (const c10::OutOfMemoryError&) {
    return out_of_memory("the GPU ran");
  } catch (const c10::AcceleratorError& error) {
    return {ErrorKind::resource,
            std::string("the device failed: ") + error.what_without_backtrace(), true};
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    if (is_heap_exhausted(message)) return out_of_memory("the computer ran");
    return {ErrorKind::internal, "internal error: " + message};
  } catch (const std::bad_alloc&) {
    return out_of_memory("the computer ran");
  } catch (const std::exception& error) {
    return {ErrorKind::internal, std::string("internal error: ") + error.what()};
  } catch (...) {
    return {ErrorKind::internal, "internal error of an unknown kind"};
  }
}

}  // namespace

Failure current_failure() {
  Failure failure = describe();
  // One line, whatever a library put into its message.
  failure.message = failure.message.substr(0, failure.message.find('\n'));
  return failure;
}

int report_failure() {
  const Failure failure = current_failure();
  if (failure.kind == ErrorKind::interrupted) return interruption_exit_code();  // it has spoken
  std::cerr << "velatura: " << failure.message
            << (failure.kind == ErrorKind::usage ? " (see --help)" : "") << "\n";
  return static_cast<int>(failure.kind);
}

}  // namespace velatura::cli
