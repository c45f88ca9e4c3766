#include "layers/norm.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "layers/spatial_norm.h"
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

// What others have, too, stays as it is.
TEST(GroupNorm, TakesTheMemoryOfWhatIsGivenAway) {
  const c10::InferenceMode inference;
  layers::GroupNorm norm(2, 4, 1e-5);
  randomise(norm);
  const at::Tensor x = at::randn({1, 4, 6, 6}).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor copy = x.clone(), kept = norm.forward_silu(x);
  EXPECT_TRUE(at::equal(x, copy));
  EXPECT_TRUE(at::equal(norm.forward_silu(x.select(0, 0).unsqueeze(0)), kept));
  EXPECT_TRUE(at::equal(x, copy));
  at::Tensor given = x.clone();
  const void* const memory = given.const_data_ptr();
  const at::Tensor over = norm.forward_silu(std::move(given));
  EXPECT_TRUE(at::equal(over, kept));
  EXPECT_EQ(over.const_data_ptr(), memory);
}

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

// A norm that is told latents, among others for HeldStatistics.
struct Spatial : layers::Module {
  std::shared_ptr<layers::SpatialNorm> norm = child<layers::SpatialNorm>("norm", 64, 3);
  Spatial() { randomise(*this); }
};

TEST(SpatialNorm, TakesEachPixelsLatent) {
  c10::InferenceMode inference;
  const Spatial model;
  const auto latents = normal(2, {2, 3, 4, 3});
  for (const at::IntArrayRef sizes : {at::IntArrayRef{2, 64, 8, 9}, {2, 64, 4, 3}, {2, 64, 7, 5}}) {
    const auto x = normal(1, sizes);
    const auto near = at::upsample_nearest2d(latents, sizes.slice(2));
    EXPECT_TRUE(all_near(model.norm->forward(x, latents), model.norm->forward(x, near), 1e-6));
  }
}

TEST(SpatialNorm, PartsAreNormalisedAsTheWhole) {
  c10::InferenceMode inference;
  Spatial model;
  const auto picture = normal(1, {1, 64, 8, 8}) + at::arange(8, at::kFloat);
  const auto latents = normal(2, {1, 3, 4, 4});
  const auto whole = model.norm->forward(picture, latents);
  const layers::HeldStatistics held(model);
  model.norm->forward(picture, latents);
  EXPECT_TRUE(
      all_near(model.norm->forward(half_of(picture), half_of(latents)), half_of(whole), 1e-5));
}

}  // namespace
}  // namespace velatura::testing
