#include "core/finite.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace velatura {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

at::Tensor with_one(double odd, at::ScalarType dtype) {
  at::Tensor x = at::ones({3, 5, 7}, dtype);
  x[1][2][3] = odd;
  return x;
}

class Finite : public ::testing::TestWithParam<at::ScalarType> {};

TEST_P(Finite, OneElementDecides) {
  EXPECT_TRUE(all_finite(with_one(-2, GetParam())));
  for (const double odd : {std::nan(""), kInfinity, -kInfinity})
    EXPECT_FALSE(all_finite(with_one(odd, GetParam()))) << odd;
}

TEST_P(Finite, LayoutDoesNotMatter) {
  EXPECT_FALSE(all_finite(with_one(kInfinity, GetParam()).transpose(0, 2)));
  EXPECT_TRUE(all_finite(with_one(kInfinity, GetParam()).select(0, 2)));
}

TEST_P(Finite, TheSameForLater) {
  EXPECT_EQ(zero_if_finite(with_one(-2, GetParam())).item<float>(), 0);
  for (const double odd : {std::nan(""), kInfinity, -kInfinity})
    EXPECT_TRUE(std::isnan(zero_if_finite(with_one(odd, GetParam())).item<float>())) << odd;
}

INSTANTIATE_TEST_SUITE_P(Types, Finite, ::testing::Values(at::kFloat, at::kBFloat16, at::kHalf));

}  // namespace
}  // namespace velatura
