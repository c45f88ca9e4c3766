#include "layers/shared_statistics.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "support/compare.h"
#include "support/random_weights.h"

namespace velatura::testing {
namespace {

using layers::SharedStatistics;

struct Normed : layers::Module {
  std::shared_ptr<layers::GroupNorm> norm = child<layers::GroupNorm>("norm", 2, 6, 1e-5);
  Normed() { randomise(*this); }
};

// Columns of a picture, and how much of each pixel is theirs.
struct Part {
  std::int64_t begin, length;
  at::Tensor share;
};

at::Tensor of(const Part& part, const at::Tensor& picture) {
  return picture.narrow(3, part.begin, part.length);
}

class SharedStatisticsTest : public ::testing::Test {
 protected:
  at::Tensor normed(SharedStatistics& statistics, const Part& part, const at::Tensor& picture) {
    const SharedStatistics::Tile tile(statistics, part.share);
    return model_.norm->forward_silu(of(part, picture));
  }
  // Columns 0 … 5 and 2 … 7 of eight, which fade into each other.
  static std::vector<Part> overlapping() {
    const auto fading = at::tensor({1.F, 1.F, .8F, .6F, .4F, .2F}).expand({5, 6});
    return {{0, 6, fading}, {2, 6, fading.flip(1)}};
  }

  c10::InferenceMode inference_;
  Normed model_;
  // Two samples that differ, and whose parts do.
  at::Tensor picture_ = (normal(1, {2, 6, 5, 8}) + at::arange(8, at::kFloat)) *
                        at::tensor({1.F, 7.F}).view({2, 1, 1, 1});
};

TEST_F(SharedStatisticsTest, NormaliseTilesAsTheWholeSampleBySample) {
  const auto whole = model_.norm->forward_silu(picture_);
  const std::vector<Part> apart = {{0, 3, at::ones({5, 3})}, {3, 5, at::ones({5, 5})}};
  for (const auto& parts : {apart, overlapping()}) {
    SharedStatistics statistics(model_);
    for (const Part& part : parts) normed(statistics, part, picture_);
    statistics.finish_round();
    for (const Part& part : parts) {
      EXPECT_TRUE(all_near(normed(statistics, part, picture_), of(part, whole), 1e-5))
          << "columns from " << part.begin << ", " << part.length;
    }
  }
}

TEST_F(SharedStatisticsTest, GoByTheTilesSoFarInTheFirstRound) {
  SharedStatistics statistics(model_);
  const std::vector<Part> parts = {{0, 3, at::ones({5, 3})}, {3, 5, at::ones({5, 5})}};
  const auto alone = model_.norm->forward_silu(of(parts[0], picture_));
  const auto whole = model_.norm->forward_silu(picture_);
  EXPECT_TRUE(all_near(normed(statistics, parts[0], picture_), alone, 1e-5));
  EXPECT_FALSE(all_near(alone, of(parts[0], whole), 0.1));
  EXPECT_TRUE(all_near(normed(statistics, parts[1], picture_), of(parts[1], whole), 1e-5));
}

// The tiles so far stand for those to come: of what changes all alike nothing is missed.
TEST_F(SharedStatisticsTest, GoByTheRoundBeforeAndWhatHasChangedSince) {
  SharedStatistics statistics(model_);
  const auto parts = overlapping();
  const auto errors_of = [&](const at::Tensor& picture) {
    std::vector<double> errors;
    for (const Part& part : parts) {
      const auto expected = of(part, model_.norm->forward_silu(picture));
      errors.push_back(
          ((normed(statistics, part, picture) - expected).norm() / expected.norm()).item<double>());
    }
    statistics.finish_round();
    return errors;
  };
  EXPECT_GT(errors_of(picture_)[0], 0.1);
  EXPECT_LT(errors_of(picture_ + 5)[0], 1e-5);
  const at::Tensor otherwise = picture_.flip(3) * 0.9;
  const auto errors = errors_of(otherwise);
  EXPECT_GT(errors[0], 0.1);
  EXPECT_LT(errors[1], 1e-5) << "the last sees all";
  EXPECT_LT(errors_of(otherwise)[0], 1e-5);
}

// Where a first tile loses more variance than all had, some is left.
TEST_F(SharedStatisticsTest, NeverTakeVarianceForNegative) {
  SharedStatistics statistics(model_);
  const auto parts = overlapping();
  const at::Tensor contrast = at::cat({picture_.narrow(3, 0, 2) * 50, picture_.narrow(3, 2, 6)}, 3);
  for (const Part& part : parts) normed(statistics, part, contrast);
  statistics.finish_round();
  EXPECT_TRUE(normed(statistics, parts[0], picture_).isfinite().all().item<bool>());
}

// A norm further down sees fewer pixels, and one beside it other sizes.
TEST_F(SharedStatisticsTest, SeeTheShareAtTheNormsSize) {
  SharedStatistics statistics(model_);
  const auto fading = at::tensor({1.F, 1.F, 1.F, 1.F, .75F, .75F, .25F, .25F}).expand({6, 8});
  const std::vector<Part> halves = {{0, 4, fading}, {2, 4, fading.flip(1)}};
  const auto small = picture_.narrow(2, 0, 3).narrow(3, 0, 6);
  for (const Part& part : halves) normed(statistics, part, small);
  statistics.finish_round();
  EXPECT_TRUE(all_near(normed(statistics, halves[0], small),
                       of(halves[0], model_.norm->forward_silu(small)), 1e-5));
}

TEST_F(SharedStatisticsTest, AreExactFarFromZero) {
  const auto parts = overlapping();
  const at::Tensor far = picture_ + 1e4;
  SharedStatistics statistics(model_);
  for (const Part& part : parts) normed(statistics, part, far);
  statistics.finish_round();
  EXPECT_TRUE(all_near(normed(statistics, parts[0], far),
                       of(parts[0], model_.norm->forward_silu(picture_)), 0.01));
}

TEST_F(SharedStatisticsTest, KeepTheDtypeAndLetGo) {
  const auto whole = model_.norm->forward_silu(picture_);
  for (auto& [name, value] : model_.parameters()) value.set_data(value.to(at::kBFloat16));
  const at::Tensor half = picture_.to(at::kBFloat16);
  const auto parts = overlapping();
  const auto alone = model_.norm->forward_silu(of(parts[0], half));
  SharedStatistics statistics(model_);
  for (const Part& part : parts) normed(statistics, part, half);
  statistics.finish_round();
  const auto found = normed(statistics, parts[0], half);
  EXPECT_EQ(found.scalar_type(), at::kBFloat16);
  EXPECT_TRUE(all_near(found.to(at::kFloat), of(parts[0], whole), 0.05));
  EXPECT_TRUE(at::equal(model_.norm->forward_silu(of(parts[0], half)), alone));
}

}  // namespace
}  // namespace velatura::testing
