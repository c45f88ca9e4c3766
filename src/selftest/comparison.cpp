#include "selftest/comparison.h"

#include <ATen/ATen.h>

#include <array>
#include <cstdio>

namespace velatura::selftest {

Finding compare(const at::Tensor& found, const at::Tensor& expected, double tolerance) {
  const at::Tensor f = found.to(at::kCPU, at::kDouble), e = expected.to(at::kCPU, at::kDouble);
  if (!f.isfinite().all().item<bool>()) return failed("not all numbers are finite");
  const double error = ((f - e).norm() / e.norm()).item<double>();
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "relative error %.1e, allowed %.0e", error, tolerance);
  return error <= tolerance ? passed(text.data()) : failed(text.data());
}

}  // namespace velatura::selftest
