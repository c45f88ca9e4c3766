#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <ATen/core/Tensor.h>
#include <string>

#include "core/device.h"

namespace velatura::testing {

/// The null device in this process.
class NullDevice {
 public:
  static at::Device device() { return choose_placement("cuda", DType::automatic).device; }
  static long count(const std::string& beginning) {
    return symbol<long(const char*)>("null_cuda_count")(beginning.c_str());
  }
  static void reset() { symbol<void()>("null_cuda_reset")(); }
  static std::size_t peak() { return symbol<std::size_t()>("null_cuda_peak")(); }
  /// Lets a function of cuBLAS or cuDNN fail; "": none.
  static void refuse(const std::string& name) {
    symbol<void(const char*)>("null_cuda_refuse")(name.c_str());
  }
  static void set_memory(std::size_t bytes) {
    symbol<void(std::size_t)>("null_cuda_set_memory")(bytes);
  }

 private:
  template <class Function>
  static Function* symbol(const char* name) {
    auto* const function = reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
    if (function == nullptr) throw std::runtime_error(std::string(name) + " is not there");
    return function;
  }
};

}  // namespace velatura::testing
