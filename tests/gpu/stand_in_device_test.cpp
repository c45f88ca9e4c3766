// The stand-in for a GPU refuses what CUDA refuses, and libtorch works on it.

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "core/device.h"
#include "core/finite.h"
#include "pipelines/batch_noise.h"
#include "pipelines/step_pace.h"
#include "pipelines/tiles.h"
#include "samplers/make_plan.h"
#include "samplers/registry.h"
#include "samplers/run.h"
#include "weights/staging.h"

namespace velatura {
namespace {

using ::testing::HasSubstr;

at::Device stand_in(const std::string& name = "cuda") {
  return choose_placement(name, DType::automatic).device;
}

std::string refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const c10::Error& error) {
    return error.what_without_backtrace();
  }
  return "not refused";
}

TEST(StandIn, IsUsableAfterWorkOnTheCpu) {
  choose_placement("cpu", DType::automatic);
  at::conv2d(at::ones({1, 8, 16, 16}), at::ones({8, 8, 3, 3}));
  EXPECT_TRUE(stand_in().is_cuda());
}

TEST(StandIn, RefusesOperandsOfTwoDevices) {
  const at::Tensor here = at::ones({2, 3}), there = here.to(stand_in());
  const auto mixed = HasSubstr("same device");
  EXPECT_THAT(refusal([&] { there + here; }), mixed);
  EXPECT_THAT(refusal([&] { at::cat({there, here}); }), mixed);
  EXPECT_THAT(refusal([&] { at::linear(there, here); }), mixed);
  EXPECT_THAT(refusal([&] { there + here.to(stand_in("cuda:1")); }), mixed);
  EXPECT_EQ(refusal([&] { there + at::scalar_tensor(2); }), "not refused");
}

TEST(StandIn, RefusesAConvolutionOfTwoTypes) {
  const at::Tensor x = at::ones({1, 2, 4, 4}, stand_in());
  EXPECT_THAT(refusal([&] { at::conv2d(x, x.to(at::kHalf)); }), HasSubstr("should be the same"));
}

TEST(StandIn, GivesTheNumbersOfTheCpu) {
  const at::Tensor x = at::randn({2, 8, 6, 6}), w = at::randn({4, 8, 3, 3});
  const auto device = stand_in();
  const auto both = at::conv2d(x.to(device), w.to(device), {}, 1, 1);
  EXPECT_TRUE(both.is_cuda());
  EXPECT_TRUE(at::allclose(both.cpu(), at::conv2d(x, w, {}, 1, 1), 1e-5, 1e-5));
}

TEST(Finite, IsToldOfAGpuToo) {
  const at::Tensor x = at::ones({3, 4}, stand_in());
  EXPECT_TRUE(all_finite(x));
  for (const float bad : {INFINITY, -INFINITY, NAN}) {
    at::Tensor with_one = x.clone();
    with_one[1][2] = bad;
    EXPECT_FALSE(all_finite(with_one)) << bad;
  }
}

TEST(BatchNoise, IsTheSameDrawnAheadForAGpu) {
  const auto noise = [](at::Device device) {
    return pipelines::BatchNoise({NoiseSource(1), NoiseSource(2)}, device);
  };
  auto here = noise(at::kCPU), there = noise(stand_in());
  there.expect(3);
  for (int draw = 0; draw < 5; ++draw) {  // more than were announced
    EXPECT_TRUE(at::equal(here.normal({4, 3}), there.normal({4, 3}).cpu())) << draw;
  }
}

// What is queued on a GPU is not yet done; on the CPU it is.
TEST(StepPace, CountsWhatIsDone) {
  pipelines::StepPace here(at::kCPU), there(stand_in());
  for (std::size_t step = 0; step < 3; ++step) {
    EXPECT_EQ(here.queued(), step + 1);
    EXPECT_EQ(there.queued(), step);
  }
  EXPECT_EQ(here.finish(), 3);
  EXPECT_EQ(there.finish(), 3);
}

TEST(Staging, BringsEveryTypeAndSizeWhole) {
  weights::Staging staging(stand_in());
  for (const std::int64_t size : {1L, 7L, (16L << 20) / 4 + 5, (40L << 20) / 4}) {
    const at::Tensor stored = at::arange(size, at::kFloat).sin();
    for (const auto dtype : {at::kFloat, at::kHalf, at::kBFloat16}) {
      const at::Tensor placed = staging.placed(stored, dtype);
      EXPECT_TRUE(placed.is_cuda());
      EXPECT_TRUE(at::equal(placed.cpu(), stored.to(dtype))) << size << dtype;
    }
  }
}

// All samplers' arithmetic, with a denoiser of a few operators.
TEST(Samplers, EndOnAGpuWhereTheyEndOnTheCpu) {
  const samplers::ModelScheduler scheduler{"scheduler_config.json",
                                           {{"_class_name", "PNDMScheduler"},
                                            {"beta_end", 0.012},
                                            {"beta_schedule", "scaled_linear"},
                                            {"beta_start", 0.00085},
                                            {"num_train_timesteps", 1000},
                                            {"set_alpha_to_one", false},
                                            {"skip_prk_steps", true},
                                            {"steps_offset", 1},
                                            {"clip_sample", false}}};
  const auto end = [&](const samplers::Plan& plan, at::Device device) {
    pipelines::BatchNoise noise({NoiseSource(7)}, device);
    const std::vector<std::int64_t> shape{4, 6, 6};
    const at::Tensor start = noise.normal(shape) * plan.init_noise_sigma;
    noise.expect(100);
    return samplers::run(
               plan, start,
               [](const at::Tensor& x, double t, std::size_t) {
                 return 0.6 * x + 0.4 * at::sin(1.3 * x + 0.004 * t);
               },
               [&] { return noise.normal(shape); })
        .cpu();
  };
  for (const samplers::SamplerRow& row : samplers::sampler_rows()) {
    SamplerOptions options;
    options.sampler = row.sampler;
    const auto plan = samplers::make_plan(samplers::choose_sampler(scheduler, options), 8);
    const at::Tensor here = end(plan, at::kCPU), there = end(plan, stand_in());
    EXPECT_LE(((there - here).abs().max() / here.abs().max()).item<double>(), 4e-6) << row.name;
  }
}

TEST(Tiles, AreBlendedOnAGpuAsOnTheCpu) {
  const at::Tensor x = at::randn({1, 2, 20, 28});
  const auto doubled = [](const at::Tensor& tile, const Region&) {
    return at::upsample_nearest2d(tile.sin(), {tile.size(2) * 2, tile.size(3) * 2});
  };
  const auto of = [&](const at::Tensor& picture) {
    return pipelines::in_tiles(picture, {8, 4}, {2, 1}, doubled).cpu();
  };
  EXPECT_TRUE(at::equal(of(x), of(x.to(stand_in()))));
}

}  // namespace
}  // namespace velatura
