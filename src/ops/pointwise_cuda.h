#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "ops/type_cuda.h"

namespace velatura::ops::cuda {

/// Puts y = a · GELU(b) on the stream, a and b the halves of each row.
/// @param projected  [rows, 2 * width]
/// @param y          [rows, width]
cudaError_t launch_geglu(const void* projected, void* y, Type type, std::int64_t rows,
                         std::int64_t width, cudaStream_t stream);

/// Puts x += bias + residual on the stream.
/// @param x, residual  [rows, channels]
/// @param bias         [channels]
cudaError_t launch_add_bias_residual(void* x, const void* bias, const void* residual, Type type,
                                     std::int64_t rows, std::int64_t channels, cudaStream_t stream);

}  // namespace velatura::ops::cuda
