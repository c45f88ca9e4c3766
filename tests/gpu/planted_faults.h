#pragma once

#include <cuda_runtime_api.h>

#include <string>

namespace velatura::planted {

/// Runs a kernel with that fault on 64 numbers. @return false if there is no such fault
bool launch(const std::string& fault, float* x, cudaError_t& error);

}  // namespace velatura::planted
