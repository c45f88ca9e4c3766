#include "families/dpt_depth_estimator.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "models/fixture.h"
#include "pipelines/cases.h"
#include "support/random_weights.h"

namespace velatura::families {
namespace {

using velatura::testing::message_of;

DptDepthEstimator estimator(const nlohmann::json& processor) {
  const auto network = std::make_shared<models::DptForDepthEstimation>(
      models::DptConfig::read(testing::ModelFixture("dpt").config("wide")));
  testing::randomise(*network);
  return {models::DptImageProcessor::read({"preprocessor_config.json", processor}), network,
          at::kCPU};
}

TEST(DptDepthEstimator, EstimatesAtTheSizeOfTheProcessor) {
  const c10::InferenceMode inference;
  const auto depth =
      estimator({{"size", {{"height", 64}, {"width", 96}}}}).estimate(make_raster(50, 40, 3));
  EXPECT_EQ(depth.sizes(), at::IntArrayRef({1, 1, 64, 96}));
}

TEST(DptDepthEstimator, NamesSizesItDoesNotTake) {
  const c10::InferenceMode inference;
  const auto estimator_of_72 = estimator({{"size", {{"height", 64}, {"width", 72}}}});
  EXPECT_EQ(message_of<InputError>([&] { estimator_of_72.estimate(make_raster(50, 40, 3)); }),
            "the depth estimator takes sizes that are multiples of 16, found 72x64");
}

}  // namespace
}  // namespace velatura::families
