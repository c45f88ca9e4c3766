#pragma once

#include <ATen/core/Tensor.h>

namespace velatura::stand_in {

/// The same memory as a tensor of the CPU, for its kernels.
at::Tensor on_host(const at::Tensor& tensor);

/// The same memory as a tensor of the device.
at::Tensor on_device(const at::Tensor& tensor, c10::DeviceIndex index);

/// Gives a tensor of the device the memory and shape that its alias has by now.
void follow(const at::Tensor& original, const at::Tensor& alias);

inline bool of_device(const at::Tensor& tensor) {
  return tensor.defined() && tensor.is_cuda();
}

}  // namespace velatura::stand_in
