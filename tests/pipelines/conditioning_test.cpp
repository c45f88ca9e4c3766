#include "pipelines/conditioning.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/random_weights.h"

namespace velatura::pipelines {
namespace {

using velatura::testing::normal;

TEST(JoinedConditioning, HasAllPartsInTheirOrder) {
  const Conditioning a{normal(1, {1, 5, 8}), normal(2, {1, 6}), normal(3, {1, 3})};
  const Conditioning b{normal(4, {2, 5, 8}), normal(5, {2, 6}), normal(6, {2, 3})};
  const auto joined = join({a, b});
  EXPECT_TRUE(at::equal(joined.context, at::cat({a.context, b.context})));
  EXPECT_TRUE(at::equal(joined.pooled, at::cat({a.pooled, b.pooled})));
  EXPECT_TRUE(at::equal(joined.time_ids, at::cat({a.time_ids, b.time_ids})));
}

TEST(JoinedConditioning, LacksWhatItsPartsLack) {
  const Conditioning part{normal(1, {1, 5, 8})};
  const auto joined = join({part, part});
  EXPECT_EQ(joined.context.size(0), 2);
  EXPECT_FALSE(joined.pooled.defined());
  EXPECT_FALSE(joined.time_ids.defined());
}

TEST(PromptConditioning, IsGuidedWithANegativePrompt) {
  PromptConditioning conditioning{.prompt = {normal(1, {1, 5, 8})}};
  EXPECT_FALSE(conditioning.guided());
  conditioning.negative_prompt.context = normal(2, {1, 5, 8});
  EXPECT_TRUE(conditioning.guided());
}

}  // namespace
}  // namespace velatura::pipelines
