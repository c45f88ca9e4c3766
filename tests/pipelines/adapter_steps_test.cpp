#include "pipelines/denoisers/adapter_steps.h"

#include <ATen/ATen.h>

#include "pipelines/adapter_pictures.h"
#include "velatura/error.h"

namespace velatura::pipelines {
namespace {

std::vector<std::size_t> held(const StepRange& range, std::size_t steps) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < steps; ++i) {
    if (range.holds(i, steps)) all.push_back(i);
  }
  return all;
}

// Of one adapter with `tokens` tokens.
PictureConditioning pictures(std::int64_t tokens, double scale = 1.0) {
  return {{at::ones({1, tokens, 8})}, {at::ones({1, tokens, 8})}, scale};
}

PicturePrompt prompt(const std::string& adapter) {
  return {.adapter = adapter, .image = {1, 1, {1, 2, 3}}};
}

TEST(StepRange, IsDiffusers) {
  using Steps = std::vector<std::size_t>;
  EXPECT_EQ(held({}, 4), (Steps{0, 1, 2, 3}));
  EXPECT_EQ(held({.start = 0.3}, 10), (Steps{3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(held({.start = 0.0, .end = 0.7}, 10), (Steps{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(held({.start = 0.5, .end = 0.5}, 10), Steps{});
  EXPECT_EQ(held({.start = 0.2, .end = 0.6}, 3), Steps{});  // a step that begins and ends within
}

TEST(AdapterSteps, ObjectsCountInTheFirstSteps) {
  const Conditioning told{.context = at::zeros({1, 2, 8}), .objects = at::zeros({1, 30, 8})};
  const AdapterSteps when{.objects = 0.3};
  for (std::size_t step = 0; step < 10; ++step) {
    EXPECT_EQ(at_step(told, when, step, 10).objects.defined(), step < 3) << step;
  }
  EXPECT_FALSE(at_step(told, when, 0, 3).objects.defined());
}

TEST(AdapterSteps, PicturesCountInTheirSteps) {
  const Conditioning told{.context = at::zeros({1, 2, 8}),
                          .pictures = {pictures(4), pictures(5), pictures(6, 0.0)}};
  const AdapterSteps when{.pictures = {{.start = 0.5}, {.end = 0.5}, {}}};
  EXPECT_EQ(at_step(told, when, 0, 2).pictures.at(0).keys[0].size(1), 5);
  EXPECT_EQ(at_step(told, when, 1, 2).pictures.at(0).keys[0].size(1), 4);
  EXPECT_EQ(at_step(told, when, 1, 2).pictures.size(), 1u);  // scale 0 is nothing
}

TEST(AdapterSteps, AreTheRequests) {
  PictureRequest request;
  request.ground_beta = 0.4;
  request.picture_prompts = {prompt("a"), prompt(""), prompt("b")};
  request.picture_prompts[2].start = 0.25;
  const AdapterSteps when = adapter_steps(request);
  EXPECT_EQ(when.objects, 0.4);
  ASSERT_EQ(when.pictures.size(), 2u);
  EXPECT_EQ(when.pictures[1].start, 0.25);
}

TEST(AdapterPictures, FurtherPicturesAreTheLastAdapters) {
  PictureRequest request;
  request.picture_prompts = {prompt("a"), prompt("b"), prompt("")};
  const auto all = adapter_pictures(request);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].images.size(), 1u);
  EXPECT_EQ(all[1].images.size(), 2u);
  request.picture_prompts = {prompt("")};
  EXPECT_THROW(adapter_pictures(request), UsageError);
  request.picture_prompts = {prompt("a")};
  request.picture_prompts[0].image = {};
  EXPECT_THROW(adapter_pictures(request), UsageError);
}

TEST(Conditioning, ObjectsAndPicturesAreJoined) {
  const auto told = [](double value) {
    Conditioning one{.context = at::full({1, 2, 8}, value), .objects = at::full({1, 30, 8}, value)};
    one.pictures = {pictures(4)};
    one.pictures[0].values[0].mul_(value);
    return one;
  };
  const Conditioning both = join({told(2), told(3)});
  EXPECT_TRUE(at::equal(both.objects, at::cat({told(2).objects, told(3).objects})));
  EXPECT_EQ(both.pictures.at(0).keys[0].size(0), 2);
  EXPECT_EQ(both.pictures.at(0).values[0][1][0][0].item<float>(), 3);
}

TEST(Conditioning, OnlyWhatIsAlikeIsJoined) {
  const Conditioning plain{.context = at::zeros({1, 2, 8})};
  Conditioning grounded = plain, pictured = plain, more = plain;
  grounded.objects = at::zeros({1, 30, 8});
  pictured.pictures = {pictures(4)};
  more.pictures = {pictures(8)};
  EXPECT_TRUE(can_join(plain, plain));
  EXPECT_TRUE(can_join(pictured, pictured));
  EXPECT_FALSE(can_join(plain, grounded));
  EXPECT_FALSE(can_join(plain, pictured));
  EXPECT_FALSE(can_join(pictured, more));
}

}  // namespace
}  // namespace velatura::pipelines
