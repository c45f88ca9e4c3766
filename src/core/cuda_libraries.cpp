#include "core/cuda_libraries.h"

#include <dlfcn.h>

namespace velatura {
namespace {

// A library opened here registers its kernels with the dispatcher and stays.
OpenedLibrary open_library(const char* name) {
  if (dlopen(name, RTLD_NOW | RTLD_GLOBAL) != nullptr) return {.open = true};
  const char* const error = dlerror();
  return {.why_not = error != nullptr ? error : name};
}

OpenedLibrary open_beside_libtorch(const char* name) {
  return libtorch_cuda().open ? open_library(name) : libtorch_cuda();
}

}  // namespace

const OpenedLibrary& libtorch_cuda() {
  static const OpenedLibrary library = open_library("libtorch_cuda.so");
  return library;
}

const OpenedLibrary& velatura_cuda() {
  static const OpenedLibrary library = open_beside_libtorch("libvelatura_cuda.so");
  return library;
}

const OpenedLibrary& velatura_cuda_graph() {
  static const OpenedLibrary library = open_beside_libtorch("libvelatura_cuda_graph.so");
  return library;
}

bool velatura_cuda_is_built() {
  return VELATURA_HAS_KERNELS;
}

}  // namespace velatura
