#pragma once

#include <ATen/core/Tensor.h>

#include <tuple>

namespace velatura::ops {

/// The sum of a layer's output and what went around it, and its layer normalisation (Ba et al. 2016)
/// over the last dimension. The operator `velatura::add_layer_norm`, with a kernel for CUDA.
/// @param x, residual   [..., C]
/// @param weight, bias  [C]
/// @return              sum and normalised sum, each [..., C]
std::tuple<at::Tensor, at::Tensor> add_layer_norm(const at::Tensor& x, const at::Tensor& residual,
                                                  const at::Tensor& weight, const at::Tensor& bias,
                                                  double eps);

}  // namespace velatura::ops
