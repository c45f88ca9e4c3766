#include "cli/options.h"

#include <gtest/gtest.h>

namespace velatura::cli {
namespace {

TEST(Options, LongNamesAreAlsoWrittenWithUnderscores) {
  EXPECT_EQ(with_underscores("-g,--guidance-scale,--scale"),
            "-g,--guidance-scale,--scale,--guidance_scale");
  EXPECT_EQ(with_underscores("prompt,--prompt"), "prompt,--prompt");
}

TEST(Options, RangeChecksNumbers) {
  const CLI::Validator range = in_range(0, 1);
  EXPECT_EQ(range.get_description(), "0 to 1");
  EXPECT_EQ(in_range(-0.5, 100000).get_description(), "-0.5 to 100000");
  for (const std::string good : {"0", "1", "0.5", "1e-3"}) EXPECT_EQ(range(good), "") << good;
  for (const std::string bad : {"-0.001", "1.001", "nan", "inf", "x", "", "1x"}) {
    EXPECT_NE(range(bad), "") << bad;
  }
}

}  // namespace
}  // namespace velatura::cli
