#include <ATen/core/dispatch/Dispatcher.h>

#include <limits>

#include "ops/gpu_test.h"
#include "ops/group_norm_silu.h"

namespace velatura::ops {
namespace {

using GroupNormSiluOnGpu = OnGpu;

TEST_F(GroupNormSiluOnGpu, HasAKernelOfItsOwn) {
  const auto op = c10::Dispatcher::singleton().findSchemaOrThrow("velatura::group_norm_silu", "");
  EXPECT_TRUE(op.hasKernelForDispatchKey(c10::DispatchKey::CUDA));
}

struct Case {
  std::vector<std::int64_t> shape;
  std::int64_t groups;
};

void expect_group_norm_then_silu(const std::vector<Case>& cases, at::Device device) {
  for (const auto& [shape, groups] : cases) {
    for (const auto& [dtype, tolerance] :
         {std::pair{at::kFloat, 2e-6}, {at::kHalf, 1.0 / 512}, {at::kBFloat16, 1.0 / 128}}) {
      for (const auto format : {at::MemoryFormat::ChannelsLast, at::MemoryFormat::Contiguous}) {
        for (const bool silu : {true, false}) {
          const at::Tensor x = (random_tensor(shape, 1) * 3 + 1.5).to(dtype).contiguous(format);
          const at::Tensor weight = random_tensor({shape[1]}, 2, dtype);
          const at::Tensor bias = random_tensor({shape[1]}, 3, dtype);
          const at::Tensor addend = random_tensor({shape[0], shape[1]}, 4, dtype);
          const at::Tensor y = group_norm_silu(x.to(device), groups, weight.to(device),
                                               bias.to(device), 1e-5, silu, addend.to(device));
          const at::Tensor sum =
              x.to(at::kDouble) + addend.to(at::kDouble).view({shape[0], -1, 1, 1});
          at::Tensor expected =
              at::group_norm(sum, groups, weight.to(at::kDouble), bias.to(at::kDouble), 1e-5);
          if (silu) expected = at::silu(expected);
          EXPECT_EQ(y.scalar_type(), dtype);
          EXPECT_TRUE(y.is_contiguous(format));
          EXPECT_LE(relative_difference(y, expected), tolerance)
              << at::IntArrayRef(shape) << dtype << format << silu;
        }
      }
    }
  }
}

TEST_F(GroupNormSiluOnGpu, EqualsGroupNormThenSilu) {
  expect_group_norm_then_silu(
      {{{3, 6, 5, 7}, 3}, {{2, 7, 3, 2}, 7}, {{1, 8, 1, 1}, 2}, {{1, 15, 9, 11}, 5}}, device_);
}

TEST_F(GroupNormSiluOnGpu, EqualsItAtFullSize) {
  expect_group_norm_then_silu({{{2, 320, 64, 64}, 32},
                               {{2, 1280, 8, 8}, 32},
                               {{1, 2560, 16, 16}, 32},
                               {{1, 128, 512, 512}, 32}},
                              device_);
}

// A view that starts at an odd element: pairs of channels are then not aligned.
TEST_F(GroupNormSiluOnGpu, TakesAnInputThatIsNotAligned) {
  const at::Tensor storage = random_tensor({1 + 8 * 6 * 6}, 4, at::kHalf).to(device_);
  const at::Tensor x = storage.narrow(0, 1, 8 * 6 * 6).view({1, 6, 6, 8}).permute({0, 3, 1, 2});
  const at::Tensor weight = at::ones({8}, x.options()), bias = at::zeros({8}, x.options());
  const at::Tensor expected =
      at::silu(at::group_norm(x.to(at::kFloat), 2, weight.to(at::kFloat), bias.to(at::kFloat)));
  EXPECT_LE(relative_difference(group_norm_silu(x, 2, weight, bias, 1e-5, true), expected),
            1.0 / 512);
}

TEST_F(GroupNormSiluOnGpu, SpreadsNanOverItsGroupOnly) {
  at::Tensor x = random_tensor({1, 4, 5, 5}, 6).contiguous(at::MemoryFormat::ChannelsLast);
  x[0][1][2][3] = std::numeric_limits<float>::quiet_NaN();
  x = x.to(device_);
  const at::Tensor y =
      group_norm_silu(x, 2, at::ones({4}, device_), at::zeros({4}, device_), 1e-5, true).cpu();
  EXPECT_TRUE(y.narrow(1, 0, 2).isnan().all().item<bool>());
  EXPECT_TRUE(y.narrow(1, 2, 2).isfinite().all().item<bool>());
}

TEST_F(GroupNormSiluOnGpu, IsBitIdenticalFromRunToRunAtFullSize) {
  const at::Tensor x =
      random_tensor({2, 320, 64, 64}, 7).to(device_).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor weight = at::ones({320}, device_), bias = at::zeros({320}, device_);
  const at::Tensor first = group_norm_silu(x, 32, weight, bias, 1e-5, true);
  for (int run = 0; run < 20; ++run) {
    EXPECT_TRUE(at::equal(group_norm_silu(x, 32, weight, bias, 1e-5, true), first));
  }
}

}  // namespace
}  // namespace velatura::ops
