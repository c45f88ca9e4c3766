#include <ATen/ATen.h>

#include "ops/packed_linear.h"
#include "selftest/checks.h"
#include "selftest/fill.h"
#include "selftest/kernel_ways.h"

namespace velatura::selftest {

Finding check_linear(at::Device) {
  return check_ways(
      {.exact = 2e-6, .ours = "by velatura's kernel", .theirs = "by libtorch's"},
      [](at::ScalarType dtype) {
        const at::Tensor x = numbers("x", {2, 77, 340}).to(dtype);
        const at::Tensor weight = numbers("weight", {250, 340}).to(dtype),
                         bias = numbers("bias", {250}).to(dtype);
        return KernelResult{
            .found = ops::PackedLinear(weight, bias)(x),
            .expected = at::linear(x.to(at::kDouble), weight.to(at::kDouble), bias.to(at::kDouble)),
            .is_ours = ops::PackedMatrix::suits(weight)};
      });
}

}  // namespace velatura::selftest
