#include <ATen/ATen.h>

#include "ops/packed_conv2d.h"
#include "ops/winograd/winograd_conv2d.h"
#include "selftest/checks.h"
#include "selftest/fill.h"
#include "selftest/kernel_ways.h"

namespace velatura::selftest {

Finding check_convolution(at::Device) {
  return check_ways(
      {.exact = 5e-6, .ours = "by Winograd's way", .theirs = "the plain way"},
      [](at::ScalarType dtype) {
        const at::Tensor x =
            numbers("x", {2, 48, 17, 24}).to(dtype).contiguous(at::MemoryFormat::ChannelsLast);
        const at::Tensor weight = numbers("weight", {80, 48, 3, 3}).to(dtype),
                         bias = numbers("bias", {80}).to(dtype);
        return KernelResult{.found = ops::PackedConv2d(weight, bias, {1, 1}, {1, 1}, x.sizes())(x),
                            .expected = at::conv2d(x.to(at::kDouble), weight.to(at::kDouble),
                                                   bias.to(at::kDouble), 1, 1),
                            .is_ours = ops::WinogradConv2d::suits(weight)};
      });
}

}  // namespace velatura::selftest
