#include "samplers/run.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <vector>

#include "velatura/error.h"

namespace velatura::samplers {
namespace {

at::Tensor no_noise() {
  throw std::logic_error("the plan draws no noise");
}

TEST(Run, DoesWhatThePlanSaysInOrder) {
  PlanBuilder builder;
  const Sum x = builder.latents();
  const Sum output = builder.model(0.5 * x, 7, {});
  const Sum first = builder.noise(), second = builder.noise();
  builder.step(x - 2.0 * output + 3.0 * first + 5.0 * second);
  const Plan plan = std::move(builder).finish(1.0);

  int draws = 0;
  const at::Tensor result = run(
      plan, at::full({1, 1, 1, 2}, 8.0),
      [](const at::Tensor& input, double timestep, std::size_t) { return input + timestep; },
      [&] {
        return at::full({1, 1, 1, 2}, ++draws);
      });
  // 8 - 2 * (4 + 7) + 3 * 1 + 5 * 2
  EXPECT_TRUE(at::equal(result, at::full({1, 1, 1, 2}, -1.0f))) << result;
}

TEST(Run, LetsTheCallerReplaceTheLatents) {
  PlanBuilder builder;
  const Sum x = builder.latents();
  builder.step(x + builder.model(x, 2, {}));
  const Sum middle = builder.latents();
  builder.step(middle + builder.model(middle, 1, {}));
  const Plan plan = std::move(builder).finish(1.0);

  std::vector<std::size_t> steps;
  const at::Tensor result = run(
      plan, at::ones({1, 1, 1, 1}),
      [](const at::Tensor& input, double, std::size_t) { return 10 * input; }, no_noise,
      [&](std::size_t step, at::Tensor& latents) {
        steps.push_back(step);
        if (step == 0) latents = at::full({1, 1, 1, 1}, 100.0);
      });
  EXPECT_EQ(result.item<float>(), 1100.0f);
  EXPECT_EQ(steps, (std::vector<std::size_t>{0, 1}));
}

TEST(Run, KeepsTheLatentsTypeAndSumsInFloat32) {
  PlanBuilder builder;
  const Sum x = builder.latents();
  const Sum output = builder.model(x, 1, {});
  // 256 + 1 is 256 in bfloat16; the difference survives only if the sum is taken in float32.
  builder.step(builder.keep(x + output) - x);
  const Plan plan = std::move(builder).finish(1.0);
  const at::Tensor result = run(
      plan, at::full({1, 1, 1, 1}, 256.0, at::kBFloat16),
      [](const at::Tensor& input, double, std::size_t) {
        EXPECT_EQ(input.scalar_type(), at::kBFloat16);
        return at::ones_like(input);
      },
      no_noise);
  EXPECT_EQ(result.scalar_type(), at::kBFloat16);
  EXPECT_EQ(result.item<float>(), 1.0f);
}

// latents + exp(0.5 + 2 * spread) * noise
Plan plan_with_spread() {
  PlanBuilder builder;
  const Sum x = builder.latents();
  builder.model(x, 1, {});
  builder.step(x + builder.scaled(builder.noise(), builder.spread(), 0.5, 2.0));
  return std::move(builder).finish(1.0);
}

TEST(Run, ScalesNoiseByTheModelsSpread) {
  const at::Tensor result = run(
      plan_with_spread(), at::full({1, 1, 1, 1}, 10.0),
      [](const at::Tensor& input, double, std::size_t) {
        return at::cat({input, at::full_like(input, -0.25)}, 1);
      },
      [] {
        return at::full({1, 1, 1, 1}, 3.0);
      });
  EXPECT_EQ(result.item<float>(), 13.0f);
}

TEST(Run, RefusesAModelWithoutTheSpreadThatAPlanNeeds) {
  EXPECT_THROW(run(
                   plan_with_spread(), at::ones({1, 1, 1, 1}),
                   [](const at::Tensor& input, double, std::size_t) { return input; },
                   [] {
                     return at::ones({1, 1, 1, 1});
                   }),
               InputError);
}

at::Tensor limited(const at::Tensor& x, const Limit& limit) {
  PlanBuilder builder;
  const Sum latents = builder.latents();
  builder.model(latents, 1, {});
  builder.step(builder.keep(latents, limit));
  const Plan plan = std::move(builder).finish(1.0);
  return run(
      plan, x, [](const at::Tensor& input, double, std::size_t) { return input; }, no_noise);
}

TEST(Run, Clips) {
  const at::Tensor x = at::tensor({-3.0f, -0.2f, 0.4f, 9.0f}).view({1, 1, 2, 2});
  const at::Tensor expected = at::tensor({-0.5f, -0.2f, 0.4f, 0.5f}).view({1, 1, 2, 2});
  EXPECT_TRUE(at::equal(limited(x, Clip{0.5}), expected));
}

TEST(Run, ThresholdsEveryPictureByItself) {
  // Quantile 0.5 of |x|: 2 for the first picture; 0.5, raised to 1, for the second; 30, lowered to
  // max 5, for the third.
  const at::Tensor x = at::tensor({-3.0f, 2.0f, 1.0f,   //
                                   0.5f, -0.25f, 4.0f,  //
                                   -30.0f, 40.0f, 2.0f})
                           .view({3, 1, 1, 3});
  const at::Tensor expected = at::tensor({-1.0f, 1.0f, 0.5f,   //
                                          0.5f, -0.25f, 1.0f,  //
                                          -1.0f, 1.0f, 0.4f})
                                  .view({3, 1, 1, 3});
  EXPECT_TRUE(at::allclose(limited(x, Threshold{0.5, 5.0}), expected, 0, 1e-7));
}

TEST(Run, EndsWhenTheCallbackThrows) {
  PlanBuilder builder;
  for (int i = 0; i < 3; ++i) {
    const Sum x = builder.latents();
    builder.step(x + builder.model(x, i, {}));
  }
  const Plan plan = std::move(builder).finish(1.0);
  int calls = 0;
  const auto model = [&](const at::Tensor& x, double, std::size_t) { return ++calls, x; };
  const auto stop = [](std::size_t step, at::Tensor&) {
    if (step == 1) throw Interrupted();
  };
  EXPECT_THROW(run(plan, at::ones({1, 1, 1, 1}), model, no_noise, stop), Interrupted);
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace velatura::samplers
