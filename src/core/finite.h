#pragma once

#include <ATen/core/Tensor.h>

namespace velatura {

/// Whether no element is NaN or infinite. Makes no tensor as large as x. @param x  not empty
bool all_finite(const at::Tensor& x);

}  // namespace velatura
