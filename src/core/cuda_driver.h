#pragma once

#include <string>

namespace velatura {

/// True if NVIDIA's driver library is installed on this machine, with or without a device.
bool has_nvidia_driver();

/// Why the driver cannot be asked for devices, in its own or the loader's words; empty: it can.
const std::string& cuda_driver_fault();

/// The number of CUDA devices, asked of the driver itself, without opening libtorch's CUDA half.
int cuda_driver_device_count();

/// "NAME, N.N GiB, compute M.m" of a device below cuda_driver_device_count().
std::string cuda_driver_device_description(int index);

}  // namespace velatura
