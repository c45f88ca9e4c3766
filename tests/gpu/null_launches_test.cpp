// What a step launches on the real libtorch_cuda, as budgets.

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gmock/gmock.h>

#include <cstdlib>

#include "core/gpu_graph.h"
#include "core/out_of_memory.h"
#include "families/graphed_call.h"
#include "families/unet_backbone.h"
#include "gpu/full_size_step.h"
#include "gpu/null_device.h"
#include "ops/attention/attention.h"

namespace velatura::testing {
namespace {

class Graphs {
 public:
  explicit Graphs(const char* on_or_off) { setenv("VELATURA_CUDA_GRAPHS", on_or_off, 1); }
  ~Graphs() { unsetenv("VELATURA_CUDA_GRAPHS"); }
};

// Of the third step: the first packs weights and makes plans.
void count_step(const std::string& model, at::ScalarType dtype) {
  const Graphs off("off");
  const c10::InferenceMode inference;
  const FullSizeStep step(model, NullDevice::device(), dtype);
  step.predict(0);
  step.predict(1);
  NullDevice::reset();
  step.predict(2);
}

// Within a step nothing is waited for, copied to or from the host, or refused.
void expect_undisturbed() {
  EXPECT_EQ(NullDevice::count("wait"), 0);
  EXPECT_EQ(NullDevice::count("copy to"), 0);
  EXPECT_EQ(NullDevice::count("copy from"), 0);
  EXPECT_EQ(NullDevice::count("refused"), 0);
  EXPECT_EQ(NullDevice::count("allocation"), 0);
}

TEST(NullLaunches, OfAStepOfStableDiffusion15) {
  count_step("sd15", at::kHalf);
  expect_undisturbed();
  EXPECT_LE(NullDevice::count("launch"), 450);
}

TEST(NullLaunches, OfAStepWithAControlNet) {
  count_step("sd15-control", at::kHalf);
  expect_undisturbed();
  EXPECT_LE(NullDevice::count("launch"), 725);
}

TEST(NullLaunches, OfAStepOfTheShapeOfSdxl) {
  count_step("sdxl", at::kHalf);
  expect_undisturbed();
  EXPECT_LE(NullDevice::count("launch"), 1050);
}

TEST(NullLaunches, OfAStepOfKandinsky22) {
  count_step("kandinsky", at::kHalf);
  expect_undisturbed();
  EXPECT_LE(NullDevice::count("launch"), 780);
}

// From the third step on, if not told otherwise; before, there are the step's own kernels.
TEST(NullLaunches, OfAStepAsAGraph) {
  const c10::InferenceMode inference;
  for (const std::string model :
       {"sd15", "sd15-control", "sd15-pictures", "sd15-objects", "kandinsky"}) {
    const FullSizeStep step(model, NullDevice::device(), at::kHalf);
    const long networks = model == "sd15-control" ? 2 : 1;
    NullDevice::reset();
    for (std::size_t i = 0; i < 3; ++i) step.predict(i);
    EXPECT_EQ(NullDevice::count("capture ended"), networks) << model;
    NullDevice::reset();
    step.predict(3);
    expect_undisturbed();
    EXPECT_EQ(NullDevice::count("launch graph"), networks) << model;
    EXPECT_LE(NullDevice::count("launch"), 10) << model;
    EXPECT_LE(NullDevice::count("copy"), 2) << model;
  }
}

// A few kinds of steps are graphs; what they take on their way they take by turns.
TEST(NullLaunches, KindsOfARunShareMemory) {
  const c10::InferenceMode inference;
  constexpr std::int64_t kBytes = 64 << 20;
  families::GraphedCall call;
  at::Tensor x = at::ones({1}, at::TensorOptions(at::kByte).device(NullDevice::device()));
  NullDevice::reset();
  const std::size_t before = NullDevice::peak();
  for (double kind = 0; kind < 6; ++kind) {
    const auto work = [&]() -> families::GraphedCall::Outputs {
      return {x.expand({kBytes}).clone().max()};
    };
    for (int i = 0; i < 5; ++i) call({.changing = {&x}, .lasting = {}, .numbers = {kind}}, work);
  }
  EXPECT_EQ(call.refusal(), "");
  EXPECT_EQ(NullDevice::count("capture ended"), 4);
  EXPECT_EQ(NullDevice::count("launch graph"), 4 * 3);
  EXPECT_LE(NullDevice::peak() - before, 3 * kBytes) << "once for all graphs, once without";
}

// A run of a small UNet with graphs, with residuals in its first steps.
std::vector<at::Tensor> predictions(std::size_t steps, std::size_t with_residuals) {
  const Graphs on("on");
  const at::Device device = NullDevice::device();
  const nlohmann::json config{{"block_out_channels", {32}},
                              {"down_block_types", {"DownBlock2D"}},
                              {"up_block_types", {"UpBlock2D"}},
                              {"layers_per_block", 1},
                              {"cross_attention_dim", 16},
                              {"attention_head_dim", 4},
                              {"norm_num_groups", 8}};
  const auto unet = std::make_shared<models::UNet2DConditionModel>(
      models::UNetConfig::read(ConfigObject("unet", config)));
  for (auto& [name, parameter] : unet->parameters())
    parameter.set_data(at::zeros(parameter.sizes(), device));
  const families::UNetBackbone backbone(unet);
  const pipelines::Conditioning told{.context = at::zeros({1, 5, 16}, device)};
  const std::vector<double> timesteps(steps, 500);
  const auto run = backbone.begin(told, {}, timesteps);
  std::vector<at::Tensor> predicted;
  NullDevice::reset();
  for (std::size_t step = 0; step < steps; ++step) {
    pipelines::BackboneInput input{.latents = at::zeros({1, 4, 8, 8}, device),
                                   .timesteps = at::full({1}, timesteps[step], device),
                                   .conditioning = told,
                                   .run = run.get(),
                                   .step = step};
    if (step < with_residuals) input.residuals.mid = at::zeros({1, 32, 8, 8}, device);
    predicted.push_back(backbone.predict(input));
  }
  return predicted;
}

// Multistep samplers keep what steps before predicted, unguided as it comes from the network.
TEST(NullLaunches, WhatAGraphGaveStaysWhenItIsReplayed) {
  const c10::InferenceMode inference;
  const auto predicted = predictions(5, 0);
  EXPECT_EQ(NullDevice::count("launch graph"), 3);
  EXPECT_NE(predicted[3].data_ptr(), predicted[2].data_ptr());
  EXPECT_NE(predicted[4].data_ptr(), predicted[3].data_ptr());
}

TEST(NullLaunches, OfARunWhoseStepsChange) {
  const c10::InferenceMode inference;
  predictions(10, 5);
  EXPECT_EQ(NullDevice::count("capture ended"), 2);
  EXPECT_EQ(NullDevice::count("launch graph"), 3 + 3);
}

// By shape: what fused kernels are made for, and what they are not (the VAE's one wide head).
TEST(NullLaunches, AttentionGoesThroughWhatIsMadeForIt) {
  const c10::InferenceMode inference;
  const auto launches = [](std::int64_t width, std::int64_t heads) {
    const at::Tensor x =
        at::empty({1, 4096, width}, at::TensorOptions(at::kHalf).device(NullDevice::device()));
    NullDevice::reset();
    ops::attention(x, x, x, heads);
  };
  launches(320, 8);
  EXPECT_EQ(NullDevice::count("launch cudnnBackendExecute"), 1);
  launches(512, 1);
  EXPECT_EQ(NullDevice::count("launch fmha"), 0);
  EXPECT_EQ(NullDevice::count("launch cublas"), 2);
  NullDevice::refuse("cudnnBackendExecute");  // as a cuDNN without a plan
  launches(320, 8);
  EXPECT_EQ(NullDevice::count("launch void pytorch_flash"), 1);
  NullDevice::refuse("");
}

// What the budgets are made of is seen: a wait, a copy, a launch more.
TEST(NullLaunches, CountWhatIsPlanted) {
  const c10::InferenceMode inference;
  const at::Tensor x = at::empty({4, 4}, NullDevice::device());
  NullDevice::reset();
  const at::Tensor sum = x + x;
  EXPECT_EQ(NullDevice::count("launch"), 1);
  EXPECT_EQ(NullDevice::count("wait"), 0);
  sum.sum().item<float>();
  EXPECT_EQ(NullDevice::count("launch"), 2);
  EXPECT_EQ(NullDevice::count("wait"), 1);
  x.copy_(at::ones({4, 4}));
  EXPECT_EQ(NullDevice::count("copy to device, pageable"), 1);
  EXPECT_EQ(NullDevice::count("wait"), 2);
}

// What a guided step of Stable Diffusion 1.5 takes at 512²: all of the UNet, or its layers in turn.
TEST(NullLaunches, LayersInTurnTakeLessThanOneGiB) {
  const c10::InferenceMode inference;
  const auto peak = [](Offload offload) {
    release_kept_memory(NullDevice::device());
    const FullSizeStep step("sd15", NullDevice::device(), at::kHalf, offload);
    NullDevice::reset();
    step.predict(0);
    return NullDevice::peak();
  };
  const std::size_t layers = peak(Offload::layers), model = peak(Offload::model);
  EXPECT_LE(layers, std::size_t{1} << 30);
  EXPECT_GE(model, std::size_t{3} << 29);
  EXPECT_LE(model, std::size_t{5} << 29);
}

TEST(NullLaunches, ARecordingThatIsInterruptedSaysNothing) {
  struct Stop {};
  ::testing::internal::CaptureStderr();
  EXPECT_THROW(record_gpu_graph(NullDevice::device(), [] { throw Stop(); }), Stop);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(NullLaunches, RefusesMoreMemoryThanThereIs) {
  const c10::InferenceMode inference;
  const auto bytes = at::TensorOptions(at::kByte).device(NullDevice::device());
  const at::Tensor some = at::empty({1 << 20}, bytes);
  NullDevice::set_memory(64 << 20);
  EXPECT_THROW(at::empty({128 << 20}, bytes), c10::OutOfMemoryError);
  NullDevice::set_memory(std::size_t{80} << 30);
}

}  // namespace
}  // namespace velatura::testing
