#pragma once

#include <ATen/core/Tensor.h>

namespace velatura::ops {

/// The gate of GEGLU (Shazeer 2020): a · GELU(b) of the two halves of the last dimension. The
/// operator `velatura::geglu`, with kernels for the CPU and, once libvelatura_cuda is open, for CUDA.
/// @param projected  [..., 2D], the projection's output
/// @return           [..., D]
at::Tensor geglu(const at::Tensor& projected);

}  // namespace velatura::ops
