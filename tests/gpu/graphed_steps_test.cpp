// Runs whose steps are graphs predict what they do without.

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gmock/gmock.h>

#include <cstdlib>

#include "core/device.h"
#include "core/interruption.h"
#include "families/controlnet_control.h"
#include "families/unet_backbone.h"
#include "models/unet/cross_attentions.h"
#include "pipelines/denoisers/make_denoiser.h"
#include "support/random_weights.h"
#include "support/warnings.h"

namespace velatura::families {
namespace {

using pipelines::Control;
using pipelines::StepRange;
using testing::normal;

constexpr std::size_t kSteps = 12;
constexpr std::int64_t kSide = 8, kWidth = 16;
constexpr double kTolerance = 1e-5;

double difference(const at::Tensor& a, const at::Tensor& b) {
  return ((a - b).abs().max() / b.abs().max()).item<double>();
}

nlohmann::json config_of(const nlohmann::json& more) {
  nlohmann::json config{{"block_out_channels", {32, 64}},
                        {"down_block_types", {"CrossAttnDownBlock2D", "DownBlock2D"}},
                        {"layers_per_block", 1},
                        {"cross_attention_dim", kWidth},
                        {"attention_head_dim", 4},
                        {"norm_num_groups", 8}};
  config.update(more);
  return config;
}

class GraphedSteps : public ::testing::Test {
 protected:
  void SetUp() override {
    const nlohmann::json up{{"up_block_types", {"UpBlock2D", "CrossAttnUpBlock2D"}},
                            {"attention_type", "gated"}};
    unet = made<models::UNet2DConditionModel, models::UNetConfig>(config_of(up));
    options.conditioning.context = random(1, {2, 5, kWidth});
    options.guidance = {7.5};
  }

  template <class Network, class Config>
  std::shared_ptr<Network> made(const nlohmann::json& config) const {
    auto network = std::make_shared<Network>(Config::read(ConfigObject("test", config)));
    testing::randomise(*network);
    for (auto& [name, parameter] : network->parameters()) parameter.set_data(parameter.to(device));
    return network;
  }
  at::Tensor random(std::uint64_t seed, at::IntArrayRef shape) const {
    return normal(seed, shape).to(device);
  }

  Control net(double scale, StepRange when = {}, const nlohmann::json& more = {}) const {
    nlohmann::json config = config_of({{"conditioning_embedding_out_channels", {8, 16}}});
    if (!more.is_null()) config.update(more);
    return {std::make_shared<ControlNetControl>(
                made<models::ControlNetModel, models::ControlNetConfig>(config), FaultFinder()),
            random(static_cast<std::uint64_t>(100 * scale), {1, 3, 2 * kSide, 2 * kSide}).sigmoid(),
            scale, when.start, when.end};
  }
  Control adapter(double scale, StepRange when) const {
    const auto network =
        made<models::T2IAdapter, models::T2IAdapterConfig>({{"channels", {32, 64}},
                                                            {"num_res_blocks", 1},
                                                            {"downscale_factor", 4},
                                                            {"adapter_type", "full_adapter"}});
    return {std::make_shared<T2IAdapterControl>(network, FaultFinder()),
            random(9, {1, 3, 4 * kSide, 4 * kSide}).sigmoid(), scale, when.start, when.end};
  }
  void add_pictures(double scale, StepRange when, std::uint64_t seed) {
    pipelines::PictureConditioning pictures{.keys = {}, .values = {}, .scale = scale};
    for (const std::int64_t width : models::cross_attention_widths(unet->config())) {
      pictures.keys.push_back(random(seed, {2, 3, width}));
      pictures.values.push_back(random(seed + 1, {2, 3, width}));
    }
    options.conditioning.pictures.push_back(pictures);
    options.adapter_steps.pictures.push_back(when);
  }

  std::vector<at::Tensor> predictions(const char* graphs) const {
    setenv("VELATURA_CUDA_GRAPHS", graphs, 1);
    const auto denoiser = pipelines::make_denoiser(std::make_shared<UNetBackbone>(unet), options);
    std::vector<double> timesteps;
    for (std::size_t step = 0; step < kSteps; ++step)
      timesteps.push_back(990 - 80 * static_cast<double>(step));
    std::vector<at::Tensor> all;
    for (std::size_t step = 0; step < kSteps; ++step) {
      all.push_back(denoiser->predict({random(50 + step, {1, 4, kSide, kSide}),
                                       timesteps[step],
                                       step,
                                       kSteps,
                                       {0, 0, kSide, kSide},
                                       {},
                                       timesteps}));
    }
    unsetenv("VELATURA_CUDA_GRAPHS");
    for (at::Tensor& each : all) each = each.cpu();
    return all;
  }

  void expect_the_same_with_graphs() const {
    Warnings warnings;
    const Interruptible heard(warnings);
    const auto without = predictions("off"), with = predictions("on");
    for (std::size_t step = 0; step < kSteps; ++step) {
      EXPECT_LE(difference(with[step], without[step]), kTolerance) << "step " << step;
    }
    EXPECT_THAT(warnings.heard, ::testing::IsEmpty());
  }

  c10::InferenceMode inference_;
  at::Device device = choose_placement("cuda", DType::automatic).device;
  std::shared_ptr<models::UNet2DConditionModel> unet;
  pipelines::DenoiserOptions options;
};

TEST_F(GraphedSteps, WithAControlNet) {
  options.controls.all = {net(0.8)};
  expect_the_same_with_graphs();
}

TEST_F(GraphedSteps, WithAControlNetForSomeOfThem) {
  options.controls.all = {net(0.8, {0.25, 0.7})};
  expect_the_same_with_graphs();
}

TEST_F(GraphedSteps, WithControlsThatBeginAndEnd) {
  options.controls.all = {net(0.8, {0, 0.6}), net(0.5, {0.3, 1}), adapter(0.7, {0, 0.8})};
  expect_the_same_with_graphs();
}

TEST_F(GraphedSteps, WithAControlNetTwice) {
  Control one = net(0.8), other = one;
  other.hint = one.hint.flip(3);
  options.controls.all = {one, other};
  expect_the_same_with_graphs();
}

TEST_F(GraphedSteps, WithAGuess) {
  options.controls = {{net(0.8), net(0.4, {0.5, 1})}, true};
  expect_the_same_with_graphs();
}

TEST_F(GraphedSteps, WithAControlNetThatPools) {
  options.controls.all = {net(0.8, {}, {{"global_pool_conditions", true}})};
  expect_the_same_with_graphs();
}

TEST_F(GraphedSteps, WithAControlNetWithoutGuidance) {
  options.guidance.reset();
  options.conditioning.context = random(1, {1, 5, kWidth});
  options.controls.all = {net(0.8, {0, 0.5})};
  expect_the_same_with_graphs();
}

// Tiles' hints come by turns.
TEST_F(GraphedSteps, WithAControlNetInTiles) {
  options.controls.all = {net(0.8)};
  options.tiling = {.size = 6, .overlap = 1};
  expect_the_same_with_graphs();
}

TEST_F(GraphedSteps, WithPictures) {
  add_pictures(0.6, {}, 20);
  expect_the_same_with_graphs();
}

TEST_F(GraphedSteps, WithPicturesOneAfterTheOther) {
  add_pictures(0.9, {0, 0.4}, 20);
  add_pictures(0.9, {0.4, 0.7}, 30);
  add_pictures(0.2, {0.6, 1}, 40);
  expect_the_same_with_graphs();
}

TEST_F(GraphedSteps, WithObjectsAtTheBeginning) {
  options.conditioning.objects = random(7, {2, 4, kWidth});
  options.adapter_steps.objects = 0.5;
  expect_the_same_with_graphs();
}

TEST_F(GraphedSteps, WithAllOfThat) {
  options.conditioning.objects = random(7, {2, 4, kWidth});
  options.adapter_steps.objects = 0.3;
  add_pictures(0.6, {0.3, 1}, 20);
  options.controls.all = {net(0.8, {0, 0.6}), adapter(0.7, {0.2, 1})};
  expect_the_same_with_graphs();
}

// As a run does not, but may.
TEST_F(GraphedSteps, OfAControlNetWhoseStrengthChanges) {
  setenv("VELATURA_CUDA_GRAPHS", "on", 1);
  const auto [model, hint, scale, start, end] = net(0.8);
  const auto run = model->begin(device, kSteps);
  const pipelines::HintFeatures features = model->features(hint);
  for (const pipelines::ControlStrength& strength :
       std::vector<pipelines::ControlStrength>{{0.8}, {0.3}, {0.8, true}}) {
    for (std::uint64_t step = 0; step < 4; ++step) {
      pipelines::BackboneInput input{
          .latents = random(50 + step, {1, 4, kSide, kSide}),
          .timesteps = at::full({1}, 900.0 - 100 * static_cast<double>(step), device),
          .conditioning = {options.conditioning.context.narrow(0, 0, 1)}};
      const auto without = model->residuals(input, features, strength);
      input.run = run.get();
      const auto with = model->residuals(input, features, strength);
      EXPECT_LE(difference(with.mid, without.mid), kTolerance) << strength.scale;
      ASSERT_EQ(with.skips.size(), without.skips.size());
      for (std::size_t i = 0; i < with.skips.size(); ++i)
        EXPECT_LE(difference(with.skips[i], without.skips[i]), kTolerance) << strength.scale;
    }
  }
  unsetenv("VELATURA_CUDA_GRAPHS");
}

}  // namespace
}  // namespace velatura::families
