#include "ops/group_norm_silu.h"

#include <ATen/Parallel.h>

#include <limits>

#include "ops/op_test.h"

namespace velatura::ops {
namespace {

struct GroupedShape {
  std::vector<std::int64_t> shape;
  std::int64_t groups;
};

void PrintTo(const GroupedShape& a_case, std::ostream* out) {
  *out << at::IntArrayRef(a_case.shape) << " in " << a_case.groups << " groups";
}

// The same in double precision, rounded once at the end.
at::Tensor reference(const at::Tensor& x, std::int64_t groups, const at::Tensor& weight,
                     const at::Tensor& bias, double eps, bool silu) {
  const at::Tensor normed =
      at::group_norm(x.to(at::kDouble), groups, weight.to(at::kDouble), bias.to(at::kDouble), eps);
  return silu ? at::silu(normed) : normed;
}

class GroupNormSilu
    : public ::testing::TestWithParam<std::tuple<GroupedShape, bool, at::MemoryFormat>> {
 protected:
  void expect_parity(at::ScalarType dtype, double tolerance) const {
    const auto& [shape_and_groups, silu, format] = GetParam();
    const auto& [shape, groups] = shape_and_groups;
    const at::Tensor x = (random_tensor(shape, 1) * 3 + 1.5).to(dtype).contiguous(format);
    const at::Tensor weight = random_tensor({shape[1]}, 2, dtype),
                     bias = random_tensor({shape[1]}, 3, dtype);
    const at::Tensor y = group_norm_silu(x, groups, weight, bias, 1e-5, silu);
    EXPECT_EQ(y.scalar_type(), dtype);
    EXPECT_TRUE(y.is_contiguous(format));
    EXPECT_LE(relative_difference(y, reference(x, groups, weight, bias, 1e-5, silu)), tolerance);
    EXPECT_TRUE(at::equal(group_norm_silu_over(x.clone(), groups, weight, bias, 1e-5, silu), y));
  }
};

TEST_P(GroupNormSilu, EqualsGroupNormThenSiluInFloat32) {
  expect_parity(at::kFloat, 1e-6);
}
TEST_P(GroupNormSilu, EqualsGroupNormThenSiluInBfloat16) {
  expect_parity(at::kBFloat16, 1.0 / 128);
}
TEST_P(GroupNormSilu, EqualsGroupNormThenSiluInFloat16) {
  expect_parity(at::kHalf, 1.0 / 1024);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, GroupNormSilu,
    ::testing::Combine(
        ::testing::Values(GroupedShape{{2, 320, 8, 8}, 32}, GroupedShape{{1, 6, 5, 7}, 3},
                          GroupedShape{{3, 8, 1, 1}, 2}, GroupedShape{{1, 32, 40, 33}, 32},
                          GroupedShape{{2, 96, 17, 19}, 1}, GroupedShape{{1, 7, 3, 2}, 7}),
        ::testing::Bool(),
        ::testing::Values(at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast)));

TEST(GroupNormSiluValues, KeepsItsPrecisionFarFromZero) {
  const at::Tensor x =
      (random_tensor({1, 8, 16, 16}, 4) + 100).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor weight = at::ones({8}), bias = at::zeros({8});
  EXPECT_LE(relative_difference(group_norm_silu(x, 2, weight, bias, 1e-5, false),
                                reference(x, 2, weight, bias, 1e-5, false)),
            2e-5);  // x itself is only known to 4e-6
}

TEST(GroupNormSiluValues, GivesTheBiasForAConstantInput) {
  const at::Tensor x = at::full({1, 4, 9, 9}, 0.1).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor bias = random_tensor({4}, 5);
  EXPECT_LE(relative_difference(group_norm_silu(x, 2, at::ones({4}), bias, 1e-5, false),
                                bias.view({1, 4, 1, 1}).expand_as(x)),
            1e-4);
}

TEST(GroupNormSiluValues, SpreadsNanOverItsGroupOnly) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    at::Tensor x = random_tensor({1, 4, 5, 5}, 6, dtype).contiguous(at::MemoryFormat::ChannelsLast);
    x[0][1][2][3] = std::numeric_limits<float>::quiet_NaN();
    const at::Tensor y =
        group_norm_silu(x, 2, at::ones({4}, dtype), at::zeros({4}, dtype), 1e-5, true);
    EXPECT_TRUE(y.narrow(1, 0, 2).isnan().all().item<bool>());
    EXPECT_TRUE(y.narrow(1, 2, 2).isfinite().all().item<bool>());
  }
}

TEST(GroupNormSiluValues, IsAccurateOverTheWholeRangeOfSilu) {
  // One group a channel and eps 1: weights and biases place the outputs between -120 and 120.
  const at::Tensor x =
      random_tensor({1, 2, 256, 256}, 7).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor weight = at::full({2}, 30.0), bias = at::zeros({2});
  const at::Tensor y = group_norm_silu(x, 2, weight, bias, 1.0, true);
  const at::Tensor expected = reference(x, 2, weight, bias, 1.0, true);
  EXPECT_LE((y.to(at::kDouble) - expected).abs().max().item<double>(), 1e-4 * 1.2);
  const at::Tensor small = expected.abs() < 0.3;
  EXPECT_LE((y.to(at::kDouble) - expected).masked_select(small).abs().max().item<double>(), 1e-5);
}

TEST(GroupNormSiluValues, IsTheSameWhateverTheNumberOfThreads) {
  const at::Tensor x = random_tensor({2, 64, 24, 24}, 8).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor weight = random_tensor({64}, 9), bias = random_tensor({64}, 10);
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const at::Tensor one = group_norm_silu(x, 32, weight, bias, 1e-5, true);
  at::set_num_threads(3);
  const at::Tensor three = group_norm_silu(x, 32, weight, bias, 1e-5, true);
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(one, three));
}

}  // namespace
}  // namespace velatura::ops
