#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "gpu/emulated_numbers.h"
#include "ops/pointwise_cuda.h"

namespace velatura::ops::cuda {
namespace {

template <class T>
constexpr double pointwise_tolerance_of = std::is_same_v<T, float>    ? 1e-6
                                          : std::is_same_v<T, __half> ? 1.0 / 1024
                                                                      : 1.0 / 128;

template <class T>
class EmulatedPointwise : public ::testing::Test {};
using Types = ::testing::Types<float, __half, __nv_bfloat16>;
TYPED_TEST_SUITE(EmulatedPointwise, Types);

// Rows that are whole packs, and rows that are not; a block's end within them.
const std::vector<std::pair<std::int64_t, std::int64_t>> kShapes{
    {1, 1}, {3, 8}, {5, 7}, {33, 64}, {2, 1000}};

TYPED_TEST(EmulatedPointwise, GegluEqualsFloat64) {
  for (const auto& [rows, width] : kShapes) {
    const auto x = random_numbers<TypeParam>(rows * 2 * width, 1);
    std::vector<TypeParam> y(static_cast<std::size_t>(rows * width), TypeParam(NAN));
    ASSERT_EQ(launch_geglu(x.data(), y.data(), type_of<TypeParam>, rows, width, nullptr),
              cudaSuccess);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const std::size_t at =
          i + i / static_cast<std::size_t>(width) * static_cast<std::size_t>(width);
      const double a = value(x[at]), b = value(x[at + static_cast<std::size_t>(width)]);
      const double expected = a * 0.5 * b * (1 + std::erf(b / std::sqrt(2.0)));
      EXPECT_NEAR(value(y[i]), expected,
                  pointwise_tolerance_of<TypeParam> * std::max(1.0, std::abs(expected)));
    }
  }
}

TYPED_TEST(EmulatedPointwise, AddBiasResidualEqualsFloat64) {
  for (const auto& [rows, channels] : kShapes) {
    const auto x = random_numbers<TypeParam>(rows * channels, 2);
    const auto residual = random_numbers<TypeParam>(rows * channels, 3);
    const auto bias = random_numbers<TypeParam>(channels, 4);
    auto y = x;
    ASSERT_EQ(launch_add_bias_residual(y.data(), bias.data(), residual.data(), type_of<TypeParam>,
                                       rows, channels, nullptr),
              cudaSuccess);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double expected =
          value(x[i]) + value(residual[i]) + value(bias[i % static_cast<std::size_t>(channels)]);
      EXPECT_NEAR(value(y[i]), expected,
                  pointwise_tolerance_of<TypeParam> * std::max(1.0, std::abs(expected)));
    }
  }
}

}  // namespace
}  // namespace velatura::ops::cuda
