#include "core/device.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include "core/available_memory.h"
#include "core/cuda_devices.h"
#include "core/cuda_driver.h"
#include "velatura/error.h"

namespace velatura {
namespace {

at::Device choose_device(const std::string& name) {
  const auto& [count, why_none] = cuda_devices();
  if (name == "cpu") return at::kCPU;
  if (name == "auto") return count > 0 ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
  int index = 0;
  if (name.starts_with("cuda:")) {
    const std::string digits = name.substr(5);
    if (digits.empty() || digits.size() > 2 ||
        digits.find_first_not_of("0123456789") != std::string::npos) {
      throw UsageError("device " + name + ": expected cuda:N", {"device"});
    }
    index = std::stoi(digits);
  } else if (name != "cuda") {
    throw UsageError("device " + name + ": expected auto, cpu, cuda or cuda:N", {"device"});
  }
  if (index >= count) {
    throw ResourceError("device " + name + ": " +
                            (count == 0 ? "no CUDA device is usable on this machine: " + why_none
                                        : "this machine has " + std::to_string(count) +
                                              " CUDA device(s), numbered from 0"),
                        {"device"});
  }
  return {at::kCUDA, static_cast<at::DeviceIndex>(index)};
}

}  // namespace

at::ScalarType choose_dtype(DType dtype, at::Device device) {
  switch (dtype) {
    case DType::float32:
      return at::kFloat;
    case DType::bfloat16:
      return at::kBFloat16;
    case DType::float16:
      return at::kHalf;
    case DType::int8:
      throw UsageError("vae-dtype int8: expected auto, float32, bfloat16 or float16",
                       {"vae-dtype"});
    case DType::automatic:
      break;
  }
  return device.is_cuda() ? at::kHalf : at::kFloat;
}

Placement choose_placement(const std::string& device, DType dtype) {
  const at::Device chosen = choose_device(device);
  const bool int8 = dtype == DType::int8;
  if (int8 && !chosen.is_cpu())
    throw UsageError(
        "dtype int8 is for the CPU (--device cpu): expected auto, float32, bfloat16 or float16 on " +
            chosen.str(),
        {"dtype"});
  return {.device = chosen,
          .dtype = choose_dtype(int8 ? DType::bfloat16 : dtype, chosen),
          .int8_weights = int8};
}

std::string dtype_name(at::ScalarType dtype) {
  switch (dtype) {
    case at::kFloat:
      return "float32";
    case at::kBFloat16:
      return "bfloat16";
    case at::kHalf:
      return "float16";
    case at::kDouble:
      return "float64";
    default:
      return c10::toString(dtype);
  }
}

std::string dtype_name(const Placement& placement) {
  return placement.int8_weights ? "int8" : dtype_name(placement.dtype);
}

std::string describe_device(at::Device device) {
  if (device.is_cpu()) {
    return "cpu (" + std::to_string(at::get_num_threads()) + " threads, " +
           at::get_cpu_capability() + ")";
  }
  return device.str() + " (" + cuda_driver_device_description(device.index()) + ")";
}

std::uint64_t free_memory(at::Device device) {
  if (device.is_cuda())
    return at::getDeviceAllocator(at::kCUDA)->getMemoryInfo(device.index()).first;
  return available_memory();
}

}  // namespace velatura
