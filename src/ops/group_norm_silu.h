#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace velatura::ops {

/// Group normalisation (Wu & He 2018) and, where asked for, SiLU in the same pass over memory.
/// The operator `velatura::group_norm_silu` of libtorch's dispatcher: on the CPU and, once
/// libvelatura_cuda is open, on CUDA it has kernels for channels_last; whatever they do not cover
/// is at::group_norm followed by at::silu.
/// @param x        [B, C, H, W]
/// @param groups   divides C
/// @param weight   [C]
/// @param bias     [C]
/// @param addend   [B or 1, C], added to x by channel before; absent: nothing is
/// @return         [B, C, H, W] in x's dtype and memory format; statistics are never in less than
///                 float32
at::Tensor group_norm_silu(const at::Tensor& x, std::int64_t groups, const at::Tensor& weight,
                           const at::Tensor& bias, double eps, bool silu,
                           const std::optional<at::Tensor>& addend = std::nullopt);

/// The same without an addend, written over x where that is the CPU's kernel's; x is nobody else's.
at::Tensor group_norm_silu_over(at::Tensor x, std::int64_t groups, const at::Tensor& weight,
                                const at::Tensor& bias, double eps, bool silu);

}  // namespace velatura::ops
