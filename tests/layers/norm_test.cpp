#include "layers/norm.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "support/compare.h"
#include "support/random_weights.h"

namespace velatura::testing {
namespace {

// A model with two norms, one below the other's parent.
struct Norms : layers::Module {
  std::shared_ptr<layers::GroupNorm> first = child<layers::GroupNorm>("first", 2, 6, 1e-5);
  std::shared_ptr<layers::ModuleList<layers::GroupNorm>> list =
      child<layers::ModuleList<layers::GroupNorm>>("list");
  Norms() {
    list->add(3, 6, 1e-5);
    randomise(*this);
  }
};

at::Tensor half_of(const at::Tensor& picture) {
  return picture.narrow(3, 0, picture.size(3) / 2);
}

class HeldStatisticsTest : public ::testing::Test {
 protected:
  c10::InferenceMode inference_;
  Norms model_;
  // Its halves have statistics of their own.
  at::Tensor picture_ = normal(1, {1, 6, 5, 8}) + at::arange(8, at::kFloat);
};

TEST_F(HeldStatisticsTest, PartsAreNormalisedAsTheWhole) {
  for (const auto* norm : {model_.first.get(), &(*model_.list)[0]}) {
    const auto whole = norm->forward(picture_), with_silu = norm->forward_silu(picture_);
    const auto alone = norm->forward(half_of(picture_));
    {
      const layers::HeldStatistics held(model_);
      EXPECT_TRUE(all_near(norm->forward(picture_), whole, 1e-5));
      EXPECT_TRUE(all_near(norm->forward(half_of(picture_)), half_of(whole), 1e-5));
      EXPECT_TRUE(all_near(norm->forward_silu(half_of(picture_)), half_of(with_silu), 1e-5));
    }
    EXPECT_FALSE(all_near(alone, half_of(whole), 0.1));
    EXPECT_TRUE(at::equal(norm->forward(half_of(picture_)), alone)) << "by its own again";
  }
}

TEST_F(HeldStatisticsTest, AreThoseOfTheFirstInputEachTime) {
  const auto faint = 1e-3 * normal(2, {1, 6, 5, 8});
  for (const auto& first : {picture_, faint}) {
    const auto expected = model_.first->forward(first);
    const layers::HeldStatistics held(model_);
    EXPECT_TRUE(all_near(model_.first->forward(first), expected, 1e-5));
  }
}

TEST_F(HeldStatisticsTest, AreSharedByABatch) {
  const auto halves = at::cat(picture_.chunk(2, 3));
  const auto whole = model_.first->forward(picture_);
  const layers::HeldStatistics held(model_);
  EXPECT_TRUE(all_near(model_.first->forward(halves), at::cat(whole.chunk(2, 3)), 1e-5));
  EXPECT_TRUE(all_near(model_.first->forward(picture_), whole, 1e-5));
}

TEST_F(HeldStatisticsTest, KeepTheDtype) {
  const auto expected = model_.first->forward(picture_);
  for (auto& [name, value] : model_.parameters()) value.set_data(value.to(at::kBFloat16));
  const layers::HeldStatistics held(model_);
  const auto found = model_.first->forward(picture_.to(at::kBFloat16));
  EXPECT_EQ(found.scalar_type(), at::kBFloat16);
  EXPECT_TRUE(all_near(found.to(at::kFloat), expected, 0.05));
}

}  // namespace
}  // namespace velatura::testing
