#pragma once

#include <ATen/core/Tensor.h>

namespace velatura::ops {

/// x + bias by channel + residual, in place: what follows a convolution that was carried out without
/// its bias. The operator `velatura::add_bias_residual`, with a kernel for channels_last on CUDA.
/// @param x, residual  [B, C, H, W]
/// @param bias         [C]
/// @return             x
at::Tensor add_bias_residual(at::Tensor x, const at::Tensor& bias, const at::Tensor& residual);

}  // namespace velatura::ops
