#pragma once

// A stand-in for a GPU: tensors that say they are on CUDA but lie in host memory, and CPU kernels that
// do the work. It is named as libtorch_cuda.so and libcuda.so.1 are and put before them with
// LD_LIBRARY_PATH, so that a program runs unchanged with --device cuda and gives right numbers. It
// refuses what CUDA refuses (operands on other devices), counts launches, copies and waits, and has as
// much memory as it is told. It never shows time, nor how half precision is rounded on a GPU.
// Environment:
//   STAND_IN_MEMORY    bytes, 80 GiB if not given
//   STAND_IN_FAIL_AT   number of the allocation that fails, once
//   STAND_IN_DEVICES   how many there are, 2 if not given
//   STAND_IN_REPORT    file for what was counted, written at exit

#include <c10/core/Allocator.h>
#include <c10/core/Device.h>
#include <c10/core/DispatchKey.h>

#include <cstdint>
#include <string>

namespace velatura::stand_in {

constexpr c10::DeviceType kType = c10::DeviceType::CUDA;
constexpr c10::DispatchKey kKey = c10::DispatchKey::CUDA;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise);

c10::DeviceIndex device_count();
c10::DeviceIndex& current_device();

/// Counts an event: "launch", "copy" or "wait", and of what.
void note(const std::string& kind, const std::string& what);

/// While it lives, what the CPU's kernels allocate is the device's memory.
class InKernel {
 public:
  InKernel();
  ~InKernel();
  InKernel(const InKernel&) = delete;
  InKernel& operator=(const InKernel&) = delete;
};

c10::Allocator& device_allocator();
c10::Allocator& host_allocator();
c10::Allocator& pinned_allocator();
bool is_pinned(const void* memory);

}  // namespace velatura::stand_in
