#include "selftest/fill.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace velatura::selftest {
namespace {

TEST(Fill, NumbersDependOnTheNameAlone) {
  const at::Tensor some = numbers("weight", {64, 64});
  EXPECT_TRUE(at::equal(some, numbers("weight", {64, 64})));
  EXPECT_FALSE(at::equal(some, numbers("bias", {64, 64})));
  EXPECT_GE(some.min().item<float>(), -1.0f);
  EXPECT_LT(some.max().item<float>(), 1.0f);
  EXPECT_NEAR(some.mean().item<float>(), 0.0, 0.03);
  EXPECT_NEAR(some.square().mean().item<float>(), 1.0 / 3.0, 0.03);  // of a uniform distribution
}

}  // namespace
}  // namespace velatura::selftest
