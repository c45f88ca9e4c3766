#include <ATen/ATen.h>

#include "ops/packed_conv2d.h"
#include "ops/packed_linear.h"
#include "selftest/checks.h"
#include "selftest/comparison.h"
#include "selftest/fill.h"

namespace velatura::selftest {
namespace {

constexpr double kTolerance = 1.5e-2;

}  // namespace

Finding check_int8(at::Device) {
  if (!ops::computes_with_int8()) return skipped("this processor has no AVX2");
  const at::Tensor rows = numbers("x", {2, 77, 340}).to(at::kBFloat16);
  const at::Tensor matrix = numbers("weight", {250, 340}).to(at::kBFloat16);
  const Finding linear =
      compare(ops::PackedLinear(matrix, {}, ops::WeightForm::int8)(rows),
              at::linear(rows.to(at::kDouble), ops::from_int8(ops::to_int8(matrix))), kTolerance);
  if (linear.outcome != Outcome::passed) return failed("linear: " + linear.detail);
  const at::Tensor x =
      numbers("x", {2, 48, 17, 24}).to(at::kBFloat16).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor kernels = numbers("weight", {80, 48, 3, 3}).to(at::kBFloat16);
  const ops::PackedConv2d conv(kernels, {}, {1, 1}, {1, 1}, x.sizes(), ops::WeightForm::int8);
  const Finding convolution = compare(
      conv(x), at::conv2d(x.to(at::kDouble), ops::from_int8(ops::to_int8(kernels)), {}, 1, 1),
      kTolerance);
  if (convolution.outcome != Outcome::passed) return failed("convolution: " + convolution.detail);
  return passed("on the CPU linear layers and convolutions: " + convolution.detail);
}

}  // namespace velatura::selftest
