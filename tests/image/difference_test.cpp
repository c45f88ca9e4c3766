#include "image/difference.h"

#include <gtest/gtest.h>

namespace velatura {
namespace {

TEST(Difference, IsTheLargestAndTheMeanOfAllLevels) {
  const Image a{1, 2, {0, 10, 20, 30, 40, 255}};
  const Image b{1, 2, {0, 13, 20, 30, 40, 0}};
  EXPECT_EQ(difference(a, b).largest, 255);
  EXPECT_DOUBLE_EQ(difference(a, b).mean, 43);
  EXPECT_EQ(difference(b, a).largest, 255);
  EXPECT_EQ(difference(a, a).largest, 0);
  EXPECT_EQ(difference(a, a).mean, 0);
}

}  // namespace
}  // namespace velatura
