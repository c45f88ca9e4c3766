#include <ATen/ATen.h>

#include "ops/winograd/winograd_conv2d.h"
#include "selftest/checks.h"
#include "selftest/comparison.h"
#include "selftest/fill.h"

namespace velatura::selftest {
namespace {

constexpr double kTolerance = 5e-6;

}  // namespace

Finding check_convolution(at::Device) {
  const at::Tensor x = numbers("x", {2, 48, 17, 24}).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor weight = numbers("weight", {80, 48, 3, 3}), bias = numbers("bias", {80});
  if (!ops::WinogradConv2d::suits(weight)) return passed("on the CPU float32 the plain way");
  const at::Tensor expected =
      at::conv2d(x.to(at::kDouble), weight.to(at::kDouble), bias.to(at::kDouble), 1, 1);
  const Finding finding = compare(ops::WinogradConv2d(weight, bias)(x), expected, kTolerance);
  if (finding.outcome != Outcome::passed) return failed("by Winograd's way: " + finding.detail);
  return passed("on the CPU float32 by Winograd's way");
}

}  // namespace velatura::selftest
