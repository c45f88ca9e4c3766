#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "gpu/emulated_numbers.h"
#include "ops/add_layer_norm_cuda.h"

namespace velatura::ops::cuda {
namespace {

template <class T>
constexpr double sum_tolerance_of = std::is_same_v<T, float>    ? 4e-6
                                    : std::is_same_v<T, __half> ? 1.0 / 256
                                                                : 1.0 / 32;

template <class T>
class EmulatedAddLayerNorm : public ::testing::Test {};
using Types = ::testing::Types<float, __half, __nv_bfloat16>;
TYPED_TEST_SUITE(EmulatedAddLayerNorm, Types);

TYPED_TEST(EmulatedAddLayerNorm, EqualsFloat64) {
  using T = TypeParam;
  for (const auto& [rows, channels] :
       std::vector<std::pair<std::int64_t, int>>{{1, 8}, {5, 7}, {3, 320}, {9, 40}, {2, 3072}}) {
    const auto x = random_numbers<T>(rows * channels, 1, 0.5F);
    const auto residual = random_numbers<T>(rows * channels, 2);
    const auto weight = random_numbers<T>(channels, 3), bias = random_numbers<T>(channels, 4);
    std::vector<T> sum(x.size(), T(NAN)), normed(x.size(), T(NAN));
    ASSERT_EQ(launch({x.data(), residual.data(), weight.data(), bias.data(), sum.data(),
                      normed.data(), type_of<T>, rows, channels, 1e-5F},
                     nullptr),
              cudaSuccess);
    const auto width = static_cast<std::size_t>(channels);
    for (std::size_t begin = 0; begin < x.size(); begin += width) {
      double mean = 0, variance = 0;
      for (std::size_t i = begin; i < begin + width; ++i) {
        EXPECT_EQ(float(sum[i]), float(T(float(x[i]) + float(residual[i]))));
        mean += value(sum[i]) / channels;
      }
      for (std::size_t i = begin; i < begin + width; ++i)
        variance += std::pow(value(sum[i]) - mean, 2) / channels;
      for (std::size_t i = begin; i < begin + width; ++i) {
        const double expected =
            (value(sum[i]) - mean) / std::sqrt(variance + 1e-5) * value(weight[i - begin]) +
            value(bias[i - begin]);
        EXPECT_NEAR(value(normed[i]), expected,
                    sum_tolerance_of<T> * std::max(1.0, std::abs(expected)));
      }
    }
  }
}

}  // namespace
}  // namespace velatura::ops::cuda
