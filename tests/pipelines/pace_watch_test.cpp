#include "pipelines/pace_watch.h"

#include <gtest/gtest.h>

namespace velatura::pipelines {
namespace {

TEST(PaceWarning, IsOfWhatIsFarAboveTheModelsSizeAndLong) {
  EXPECT_EQ(pace_warning({2000, 1496}, 64, 24, 200),
            "2000x1496 is far above the model's own 64x64: the first step took 24 s, all 200 take "
            "about 80 min");
  EXPECT_EQ(pace_warning({200, 100}, 64, 2, 40),
            "200x100 is far above the model's own 64x64: the first step took 2 s, all 40 take "
            "about 80 s");
  EXPECT_TRUE(pace_warning({4096, 4096}, 512, 300, 50).ends_with("about 4 h 10 min"));
}

TEST(PaceWarning, IsNotOfOthers) {
  EXPECT_EQ(pace_warning({128, 128}, 64, 100, 50), "");
  EXPECT_EQ(pace_warning({2000, 1496}, 64, 0.5, 50), "");
  EXPECT_EQ(pace_warning({2000, 1496}, 0, 100, 50), "");
}

}  // namespace
}  // namespace velatura::pipelines
