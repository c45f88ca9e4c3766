#pragma once

#include <string>

namespace velatura {

/// The CUDA devices that libtorch can use.
struct CudaDevices {
  int count = 0;
  std::string why_none = {};  ///< where there are none: the driver's, loader's or libtorch's words
};

/// Asks the driver and, where it has a device, opens libtorch's CUDA half and velatura's own kernels;
/// programs on machines without one never load them. To be called before any work on the CPU too:
/// the first convolution of a process settles for good whether libtorch has CUDA.
const CudaDevices& cuda_devices();

}  // namespace velatura
