#pragma once

#include <ATen/core/Tensor.h>

namespace velatura {

/// Whether no element is NaN or infinite. A GPU is waited for once. @param x  not empty, of a floating
/// point type
bool all_finite(const at::Tensor& x);

/// The same for later, without waiting: [] float32, 0 or NaN.
at::Tensor zero_if_finite(const at::Tensor& x);

}  // namespace velatura
