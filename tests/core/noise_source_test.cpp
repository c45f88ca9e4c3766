#include "core/noise_source.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace velatura::testing {

// Expected: torch.randn(n, generator=torch.Generator("cpu").manual_seed(seed)) of PyTorch 2.11.
TEST(NoiseSource, IsTorchsStream) {
  const auto few = NoiseSource(42).normal({5});
  const float first[] = {0.33669036626815796f, 0.12880940735340118f, 0.23446236550807953f,
                         0.23033303022384644f, -1.1228563785552979f};
  for (int i = 0; i < 5; ++i) EXPECT_FLOAT_EQ(few[i].item<float>(), first[i]);

  // Sixteen and more are drawn another way; seeds have 64 bits.
  const auto many = NoiseSource((std::uint64_t{1} << 32) + 5).normal({20});
  EXPECT_FLOAT_EQ(many[0].item<float>(), 1.8423298597335815f);
  EXPECT_FLOAT_EQ(many[7].item<float>(), -0.14982716739177704f);
  EXPECT_FLOAT_EQ(many[19].item<float>(), -1.5069403648376465f);
}

TEST(NoiseSource, TakesTheLargestSeed) {
  const auto few = NoiseSource(18446744073709551615u).normal({3});
  const float last[] = {1.2197630405426025f, -0.3929794728755951f, 1.0230751037597656f};
  for (int i = 0; i < 3; ++i) EXPECT_FLOAT_EQ(few[i].item<float>(), last[i]);
}

TEST(NoiseSource, GoesOnWhereItStopped) {
  NoiseSource once(3), again(3);
  once.normal({1, 4, 8, 8});
  const auto second = once.normal({1, 4, 8, 8});
  again.normal({1, 4, 8, 8});
  EXPECT_TRUE(at::equal(again.normal({1, 4, 8, 8}), second));
  EXPECT_FALSE(at::equal(NoiseSource(3).normal({1, 4, 8, 8}), second));
}

}  // namespace velatura::testing
