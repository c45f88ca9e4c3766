#include "selftest/comparison.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <limits>

namespace velatura::selftest {
namespace {

TEST(Comparison, PassesWithinTheToleranceOfTheWholeTensorOnly) {
  const at::Tensor expected = at::tensor({3.0f, 4.0f});
  EXPECT_EQ(compare(expected.to(at::kHalf), expected, 1e-5).outcome, Outcome::passed);
  // |(0, 0.05)| / |(3, 4)| = 0.01
  const at::Tensor found = at::tensor({3.0f, 4.05f});
  EXPECT_EQ(compare(found, expected, 0.0101).outcome, Outcome::passed);
  const Finding finding = compare(found, expected, 0.0099);
  EXPECT_EQ(finding.outcome, Outcome::failed);
  EXPECT_EQ(finding.detail, "relative error 1.0e-02, allowed 1e-02");
}

TEST(Comparison, FailsWhereANumberIsNotFinite) {
  const at::Tensor expected = at::tensor({1.0f, 2.0f});
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    EXPECT_EQ(compare(at::tensor({1.0f, value}), expected, 1e9).outcome, Outcome::failed);
  }
}

}  // namespace
}  // namespace velatura::selftest
