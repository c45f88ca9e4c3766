#include "core/cuda_devices.h"

#include <ATen/Context.h>

#include <string_view>

#include "core/cuda_driver.h"
#include "core/cuda_libraries.h"
#include "core/text.h"

namespace velatura {
namespace {

// Opening half a gigabyte takes a moment: only where the driver has a device for it.
CudaDevices find_cuda_devices() {
  if (!cuda_driver_fault().empty()) return {.why_none = cuda_driver_fault()};
  if (cuda_driver_device_count() == 0) return {.why_none = "the NVIDIA driver has no device"};
  if (!libtorch_cuda().open) {
    return {.why_none = "libtorch's CUDA half does not open: " + libtorch_cuda().why_not};
  }
  velatura_cuda();
  if (!at::hasCUDA()) {
    return {.why_none = "libtorch was at work in this process before its CUDA half was opened"};
  }
  try {
    const int count = at::detail::getCUDAHooks().deviceCount();
    return {count, count > 0 ? "" : "libtorch's CUDA finds no device"};
  } catch (const c10::Error& error) {
    const std::string_view text = error.what_without_backtrace();
    return {.why_none = first_line(text)};
  }
}

}  // namespace

const CudaDevices& cuda_devices() {
  static const CudaDevices devices = find_cuda_devices();
  return devices;
}

}  // namespace velatura
