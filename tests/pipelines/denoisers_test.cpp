#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <vector>

#include "pipelines/denoise_loop.h"
#include "pipelines/denoisers/make_denoiser.h"
#include "pipelines/denoisers/tiled_denoiser.h"
#include "pipelines/recording_denoiser.h"
#include "support/compare.h"
#include "support/random_weights.h"

namespace velatura::pipelines {
namespace {

using velatura::testing::all_near;
using velatura::testing::normal;

// Gives back the first four channels of what it is shown, times a number for each row.
class RecordingBackbone : public Backbone {
 public:
  explicit RecordingBackbone(at::Tensor factors) : factors_(std::move(factors)) {}
  at::Tensor predict(const BackboneInput& input) const override {
    inputs.push_back(input);
    return input.latents.narrow(1, 0, 4) * factors_.view({-1, 1, 1, 1});
  }
  InputError not_finite(const std::string& when) const override { return InputError(when); }
  mutable std::vector<BackboneInput> inputs;

 private:
  at::Tensor factors_;
};

class Denoisers : public ::testing::Test {
 protected:
  static DenoiseCall call_of(const at::Tensor& latents) {
    return {latents,
            981.25,
            3,
            20,
            {0, 0, static_cast<int>(latents.size(3)), static_cast<int>(latents.size(2))}};
  }
  at::Tensor predict(const DenoiserOptions& options) {
    return make_denoiser(backbone_, options)->predict(call_of(latents_));
  }
  void answer(std::initializer_list<float> factors) {
    backbone_ = std::make_shared<RecordingBackbone>(at::tensor(std::vector(factors)));
  }

  c10::InferenceMode inference_;
  at::Tensor latents_ = normal(1, {2, 4, 6, 10});
  Conditioning single_{.context = normal(2, {2, 5, 8})};
  Conditioning doubled_{.context = normal(2, {4, 5, 8})};
  std::shared_ptr<RecordingBackbone> backbone_;
};

TEST_F(Denoisers, GiveTheBackboneTensorsOnly) {
  answer({1, 2});
  const auto found = predict({.conditioning = single_, .class_label = 20});
  EXPECT_TRUE(at::equal(found, at::stack({latents_[0], 2 * latents_[1]})));
  const BackboneInput& input = backbone_->inputs.at(0);
  EXPECT_TRUE(input.latents.is_same(latents_));
  EXPECT_TRUE(at::equal(input.timesteps, at::full({2}, 981.25, at::kFloat)));
  EXPECT_EQ(input.timesteps.scalar_type(), at::kFloat);
  EXPECT_TRUE(at::equal(input.class_labels, at::full({2}, 20, at::kLong)));
  EXPECT_TRUE(input.conditioning.context.is_same(single_.context));
}

TEST_F(Denoisers, GiveNoClassLabelsWhereThereIsNone) {
  answer({1, 1});
  predict({.conditioning = single_});
  EXPECT_FALSE(backbone_->inputs.at(0).class_labels.defined());
}

TEST_F(Denoisers, GuideFromThePredictionWithoutThePromptToThatWithIt) {
  answer({1, 1, 3, 5});  // the halves without the prompts, then those with them
  const auto found = predict({.conditioning = doubled_, .guidance = Guidance{.scale = 2}});
  EXPECT_TRUE(all_near(found, at::stack({5 * latents_[0], 9 * latents_[1]}), 1e-6));
  EXPECT_EQ(backbone_->inputs.size(), 1u) << "both in one batch";
  EXPECT_EQ(backbone_->inputs[0].timesteps.size(0), 4);
}

TEST_F(Denoisers, PullTheDeviationBackToThatOfThePredictionWithThePrompt) {
  answer({1, 1, 3, 3});
  const auto found =
      predict({.conditioning = doubled_, .guidance = Guidance{.scale = 2, .rescale = 0.5}});
  // Guided it is 5 times the latents, with the prompt 3 times: half of the way is 4.
  EXPECT_TRUE(all_near(found, 4 * latents_, 1e-5));
}

TEST_F(Denoisers, ShowChannelsBehindTheLatents) {
  answer({1, 1});
  const auto channels = normal(3, {2, 5, 6, 10});
  predict({.conditioning = single_, .channels = channels});
  EXPECT_TRUE(at::equal(backbone_->inputs.at(0).latents, at::cat({latents_, channels}, 1)));
}

TEST_F(Denoisers, CutTilesOfLatentsAndChannelsAndGuideEach) {
  answer({1, 1, 3, 3});
  const auto channels = normal(3, {2, 5, 6, 10});
  const auto found = predict({.conditioning = doubled_,
                              .guidance = Guidance{.scale = 2},
                              .tiling = Tiling{6, 2},
                              .channels = channels});
  EXPECT_TRUE(all_near(found, 5 * latents_, 1e-5));
  ASSERT_EQ(backbone_->inputs.size(), 2u);
  for (const std::int64_t i : {0, 1}) {
    const auto tile = at::cat({latents_, channels}, 1).narrow(3, 4 * i, 6);
    EXPECT_TRUE(
        at::equal(backbone_->inputs[static_cast<std::size_t>(i)].latents, at::cat({tile, tile})));
  }
}

// Counts rounds, and what was seen of each.
class RecordingStatistics : public TileStatistics {
 public:
  explicit RecordingStatistics(std::vector<std::size_t>& rounds,
                               const std::vector<DenoiseCall>& calls)
      : rounds_(rounds), calls_(calls) {}
  void finish_round() override { rounds_.push_back(calls_.size()); }

 private:
  std::vector<std::size_t>& rounds_;
  const std::vector<DenoiseCall>& calls_;
};

TEST_F(Denoisers, ShareStatisticsFromCallToCallAndMakeTheFirstTwice) {
  std::vector<DenoiseCall> calls;
  std::vector<std::size_t> rounds;
  auto statistics = std::make_unique<RecordingStatistics>(rounds, calls);
  const TileStatistics* const shared = statistics.get();
  const TiledDenoiser tiled(std::make_unique<RecordingDenoiser>(calls), {4, 2},
                            std::move(statistics));
  tiled.predict(call_of(latents_));
  EXPECT_EQ(rounds, (std::vector<std::size_t>{8, 16}));
  tiled.predict(call_of(latents_));
  EXPECT_EQ(rounds, (std::vector<std::size_t>{8, 16, 24}));
  auto all = at::zeros({6, 10});
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const auto& [of, share] = calls[i].tile;
    EXPECT_EQ(of, shared);
    const Region& place = calls[i].region;
    all.narrow(0, place.y, 4).narrow(1, place.x, 4).add_(share);
  }
  EXPECT_TRUE(all_near(all, at::full({6, 10}, 3.0), 1e-6));
}

TEST_F(Denoisers, KnowTheStepAndTheirPlaceInThePicture) {
  std::vector<DenoiseCall> calls;
  const TiledDenoiser tiled(std::make_unique<RecordingDenoiser>(calls), {4, 2});
  DenoiseCall call = call_of(latents_);
  call.region = {100, 50, 10, 6};  // itself a part of something larger
  tiled.predict(call);
  ASSERT_EQ(calls.size(), 8u);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(calls[i].step, 3u);
    EXPECT_EQ(calls[i].steps, 20u);
    EXPECT_EQ(calls[i].timestep, 981.25);
    const auto [x, y, width, height] = calls[i].region;
    EXPECT_EQ(width, 4);
    EXPECT_EQ(height, 4);
    EXPECT_TRUE(at::equal(calls[i].latents, latents_.narrow(2, y - 50, 4).narrow(3, x - 100, 4)));
  }
  EXPECT_EQ(calls.back().region.x, 106);
  EXPECT_EQ(calls.back().region.y, 52);
}

TEST_F(Denoisers, HearFromTheLoopWhichCallItIs) {
  samplers::PlanBuilder builder;
  for (const double timestep : {900.5, 400.25, 1.0}) {
    const auto x = builder.latents();
    builder.step(x + builder.model(x, timestep, {}));
  }
  const auto plan = std::move(builder).finish(1.0);
  std::vector<DenoiseCall> calls;
  BatchNoise noise({NoiseSource(1)}, at::kCPU);
  Observer deaf;
  denoise(plan, {.latents = latents_}, RecordingDenoiser(calls), noise, {}, deaf);
  ASSERT_EQ(calls.size(), 3u);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    EXPECT_EQ(calls[i].step, i);
    EXPECT_EQ(calls[i].steps, 3u);
    EXPECT_EQ(calls[i].timestep, plan.steps[i].timestep);
    EXPECT_EQ(calls[i].region.x, 0);
    EXPECT_EQ(calls[i].region.y, 0);
    EXPECT_EQ(calls[i].region.width, 10);
    EXPECT_EQ(calls[i].region.height, 6);
  }
}

}  // namespace
}  // namespace velatura::pipelines
