#include "cli/report/failure.h"

#include <gtest/gtest.h>

namespace velatura::cli {
namespace {

TEST(Told, WritesFieldsAsOptions) {
  EXPECT_EQ(told(UsageError("width 5: expected 8", {"width"})), "--width 5: expected 8");
  EXPECT_EQ(told(UsageError("seed seed: expected a number", {"seed"})),
            "--seed seed: expected a number");
  EXPECT_EQ(told(UsageError("give width and height", {"width", "height"})),
            "give --width and --height");
  EXPECT_EQ(told(InputError("width 5", {})), "width 5");
}

TEST(Told, KnowsAFieldFromAPartOfAWord) {
  EXPECT_EQ(told(UsageError("tile-overlap is more than half of tile", {"tile"})),
            "tile-overlap is more than half of --tile");
  EXPECT_EQ(told(UsageError("subtile is none", {"tile"})), "subtile is none");
}

}  // namespace
}  // namespace velatura::cli
