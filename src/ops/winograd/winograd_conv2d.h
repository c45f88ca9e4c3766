#pragma once

#include <ATen/core/Tensor.h>

namespace velatura::ops {

/// Whether winograd_conv2d() computes with such a weight: in float32 on a CPU with AVX2, by a 3×3 kernel, channels
/// by sixteen.
/// VELATURA_WINOGRAD=off: with none. @param weight  [out, in, k, k]
bool suits_winograd(const at::Tensor& weight);

/// Whether it is the faster way for pictures of such a size: where there is much to compute for each weight. It does
/// not depend on how many there are, of which each is to be the same with others as alone.
/// @param input_size  [B, in, H, W]
bool gains_by_winograd(at::IntArrayRef input_size);

/// at::conv2d with stride and padding 1 by F(2×2, 3×3) (see winograd.h), which takes 2.25 times fewer products
/// and errs no more than the plain way. Bits depend neither on threads nor on what else is in the batch.
/// @param x       [B, in, H, W] float32, best channels_last
/// @param weight  one that suits_winograd()
/// @param bias    [out] or undefined
/// @return        [B, out, H, W], channels_last
at::Tensor winograd_conv2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

}  // namespace velatura::ops
