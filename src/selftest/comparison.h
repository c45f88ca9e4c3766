#pragma once

#include <ATen/core/Tensor.h>

#include "selftest/check.h"

namespace velatura::selftest {

/// Compares whole tensors of one shape on any devices: passed if all found values are finite and
/// |found - expected| / |expected| (L2 norms) is within the tolerance.
Finding compare(const at::Tensor& found, const at::Tensor& expected, double tolerance);

}  // namespace velatura::selftest
