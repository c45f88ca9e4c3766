#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace velatura::testing {

/// Whole-tensor comparison: same shape, all finite, and both the relative L2 error and the largest
/// difference over the largest expected value within `tolerance`.
inline ::testing::AssertionResult all_near(const at::Tensor& found, const at::Tensor& expected,
                                           double tolerance) {
  if (found.sizes() != expected.sizes()) {
    return ::testing::AssertionFailure()
           << "shape " << found.sizes() << ", expected " << expected.sizes();
  }
  const auto f = found.to(at::kCPU, at::kDouble), e = expected.to(at::kCPU, at::kDouble);
  if (!f.isfinite().all().item<bool>()) return ::testing::AssertionFailure() << "not all finite";
  const auto difference = f - e;
  const double relative = (difference.norm() / e.norm()).item<double>();
  const double largest = (difference.abs().max() / e.abs().max()).item<double>();
  if (relative <= tolerance && largest <= tolerance) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "relative L2 error " << relative << ", largest "
                                       << largest << ", allowed " << tolerance;
}

}  // namespace velatura::testing
