#include "pipelines/denoisers/controlled_denoiser.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "pipelines/recording_denoiser.h"
#include "support/random_weights.h"

namespace velatura::pipelines {
namespace {

using velatura::testing::normal;

// Adds its hint, scaled, to the middle; a feature is the hint itself.
class EchoingControl : public ControlModel {
 public:
  explicit EchoingControl(ControlTraits traits) : traits_(traits) {}
  ControlTraits traits() const override { return traits_; }
  HintFeatures features(const at::Tensor& hint) const override {
    ++hints;
    return {hint};
  }
  std::shared_ptr<const BackboneRun> begin(at::Device, std::size_t steps) const override {
    begun.push_back(steps);
    return std::make_shared<BackboneRun>();
  }
  Residuals residuals(const BackboneInput& input, const HintFeatures& features,
                      const ControlStrength& strength) const override {
    inputs.push_back(input);
    guesses.push_back(strength.guess);
    const auto hint = features.front() * strength.scale;
    return {.skips = {hint}, .mid = hint};
  }
  std::optional<InputError> fault(const std::string&) const override { return std::nullopt; }

  mutable std::vector<BackboneInput> inputs;
  mutable std::vector<bool> guesses;
  mutable std::vector<std::size_t> begun;
  mutable int hints = 0;

 private:
  ControlTraits traits_;
};

class ControlledDenoisers : public ::testing::Test {
 protected:
  std::unique_ptr<Denoiser> make(std::vector<Control> controls, bool guided, bool guess = false) {
    const auto rows = guided ? 4 : 2;
    return std::make_unique<ControlledDenoiser>(std::make_unique<RecordingDenoiser>(calls),
                                                Conditioning{.context = normal(2, {rows, 5, 8})},
                                                std::nullopt, Controls{std::move(controls), guess},
                                                guided);
  }
  DenoiseCall call_of(std::int64_t rows, std::size_t step = 0, Region region = {0, 0, 3, 2}) {
    return {normal(1, {rows, 4, region.height, region.width}), 7.0, step, 10, region};
  }
  Control control(double scale = 1, double start = 0, double end = 1) {
    return {net, hint, scale, start, end};
  }

  c10::InferenceMode inference_;
  std::vector<DenoiseCall> calls;
  at::Tensor hint = normal(5, {2, 3, 4, 6});
  std::shared_ptr<EchoingControl> net =
      std::make_shared<EchoingControl>(ControlTraits{.hint_factor = 2});
};

TEST_F(ControlledDenoisers, AddWhatTheirNetworksSay) {
  const auto denoiser = make({control(0.5), control(2)}, /*guided=*/false);
  denoiser->predict(call_of(2));
  denoiser->predict(call_of(2, 1));
  EXPECT_TRUE(at::allclose(calls[1].residuals.mid, 2.5 * hint));
  EXPECT_TRUE(at::allclose(calls[1].residuals.skips.at(0), 2.5 * hint));
  EXPECT_EQ(net->hints, 2) << "each once";
}

// Also of one network.
TEST_F(ControlledDenoisers, KeepWhatEachBeganForTheRun) {
  const auto denoiser = make({control(0.5), control(2)}, /*guided=*/false);
  for (std::size_t step = 0; step < 3; ++step) denoiser->predict(call_of(2, step));
  EXPECT_EQ(net->begun, (std::vector<std::size_t>{10, 10}));
  EXPECT_NE(net->inputs[0].run, net->inputs[1].run);
  for (std::size_t i = 2; i < net->inputs.size(); ++i)
    EXPECT_EQ(net->inputs[i].run, net->inputs[i - 2].run);
}

// Who copies what is told of the prompt does so once.
TEST_F(ControlledDenoisers, TellTheSameAtEveryStep) {
  for (const bool guess : {false, true}) {
    net->inputs.clear();
    const auto denoiser = make({control()}, /*guided=*/true, guess);
    for (std::size_t step = 0; step < 2; ++step) denoiser->predict(call_of(4, step));
    EXPECT_TRUE(net->inputs[0].conditioning.context.is_same(net->inputs[1].conditioning.context));
  }
}

TEST_F(ControlledDenoisers, BothHalvesOfGuidanceSeeTheSameHint) {
  make({control()}, /*guided=*/true)->predict(call_of(4));
  EXPECT_TRUE(at::equal(calls[0].residuals.mid, at::cat({hint, hint})));
  EXPECT_EQ(net->inputs[0].latents.size(0), 4);
  EXPECT_FALSE(net->guesses[0]);
}

TEST_F(ControlledDenoisers, GuessModeLeavesTheUnconditionalHalfAlone) {
  const auto call = call_of(4);
  make({control()}, /*guided=*/true, /*guess=*/true)->predict(call);
  EXPECT_TRUE(at::equal(calls[0].residuals.mid, at::cat({at::zeros_like(hint), hint})));
  EXPECT_TRUE(at::equal(net->inputs[0].latents, call.latents.slice(0, 2)));
  EXPECT_TRUE(at::equal(net->inputs[0].conditioning.context, normal(2, {4, 5, 8}).slice(0, 2)));
  EXPECT_TRUE(net->guesses[0]);
  make({control()}, /*guided=*/false, /*guess=*/true)->predict(call_of(2));
  EXPECT_TRUE(at::equal(calls[1].residuals.mid, hint));
}

TEST_F(ControlledDenoisers, TheFirstThatPoolsDecidesForAll) {
  const auto pooling =
      std::make_shared<EchoingControl>(ControlTraits{.hint_factor = 2, .pools = true});
  const Control pool{pooling, hint};
  make({control(), pool}, true)->predict(call_of(4));
  make({pool, control()}, true)->predict(call_of(4));
  EXPECT_TRUE(at::equal(calls[0].residuals.mid, at::cat({2 * hint, 2 * hint})));
  EXPECT_TRUE(at::equal(calls[1].residuals.mid, at::cat({at::zeros_like(hint), 2 * hint})));
}

TEST_F(ControlledDenoisers, AdaptersSteerBothHalvesAlsoInGuessMode) {
  const auto adapter =
      std::make_shared<EchoingControl>(ControlTraits{.hint_factor = 2, .sees_prompt = false});
  make({control(), Control{adapter, hint}}, true, true)->predict(call_of(4));
  EXPECT_TRUE(at::allclose(calls[0].residuals.mid, at::cat({hint, 2 * hint})));
}

TEST_F(ControlledDenoisers, WorkInTheirShareOfTheSteps) {
  const auto acting = [&](double start, double end, std::size_t steps) {
    std::string found;
    for (std::size_t i = 0; i < steps; ++i)
      found += control(1, start, end).acts(i, steps) ? '1' : '0';
    return found;
  };
  EXPECT_EQ(acting(0, 1, 5), "11111");
  EXPECT_EQ(acting(0.2, 0.6, 10), "0011110000");
  EXPECT_EQ(acting(0.3, 1, 10), "0001111111");  // 3 / 10 is 0.3 in doubles, not in floats
  EXPECT_EQ(acting(0, 0.7, 10), "1111111000");
  EXPECT_EQ(acting(0.25, 0.5, 3), "000") << "no whole step lies in it";
  EXPECT_FALSE(control(0).acts(0, 5));
  make({control(1, 0.5, 1)}, false)->predict(call_of(2, 2));
  EXPECT_TRUE(calls[0].residuals.empty());
}

TEST_F(ControlledDenoisers, CutTheHintWithTheTile) {
  const auto denoiser = make({control()}, false);
  denoiser->predict(call_of(2, 0, {1, 0, 2, 2}));
  denoiser->predict(call_of(2, 0, {0, 1, 2, 1}));
  EXPECT_TRUE(at::equal(calls[0].residuals.mid, hint.slice(3, 2, 6)));
  EXPECT_TRUE(at::equal(calls[1].residuals.mid, hint.slice(2, 2, 4).slice(3, 0, 4)));
}

}  // namespace
}  // namespace velatura::pipelines
