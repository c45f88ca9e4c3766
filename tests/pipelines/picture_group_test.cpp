#include "pipelines/picture_group.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "families/registry.h"
#include "pipelines/cases.h"
#include "pipelines/joined_batch.h"
#include "pipelines/requests.h"

namespace velatura::pipelines {
namespace {

using velatura::testing::request_of_kind;

class PictureGroup : public ::testing::Test {
 protected:
  void open(const std::string& name) {
    const auto files = weights::open_model(VELATURA_FIXTURES "/models/" + name);
    model_ = std::make_unique<LatentModel>(families::load_model(
        files, weights::open_prior(files, {}, ""), {}, {at::kFloat, std::nullopt}, deaf_));
  }

  // Two pictures of each request.
  std::vector<GroupItem> items_of(const std::vector<Request>& requests) {
    std::vector<GroupItem> items;
    for (const Request& request : requests) {
      const auto ready = std::make_shared<const ReadyRequest>(
          make_ready(*model_, request, items.size(), {}, deaf_));
      items.push_back({ready, 0});
      items.push_back({ready, 1});
    }
    return items;
  }

  void expect_starts_of_their_own(const std::vector<Request>& requests) {
    const auto items = items_of(requests);
    auto together = start(items);
    const auto shape = together.batch.latents.sizes().slice(1);
    const auto noise = together.noise.normal(shape), more = together.noise.normal(shape);
    for (std::size_t i = 0; i < items.size(); ++i) {
      auto alone = start(std::span(items).subspan(i, 1));
      const auto row = [i](const at::Tensor& all) {
        return all.narrow(0, static_cast<std::int64_t>(i), 1);
      };
      EXPECT_TRUE(at::equal(row(together.batch.latents), alone.batch.latents)) << i;
      if (alone.batch.channels.defined()) {
        EXPECT_TRUE(at::equal(row(together.batch.channels), alone.batch.channels)) << i;
      }
      if (model_->prior) {
        EXPECT_TRUE(at::equal(together.conditioning[i].prompt.image_embeds,
                              alone.conditioning[0].prompt.image_embeds))
            << i;
        EXPECT_EQ(together.image_embeds[i].values, alone.image_embeds[0].values) << i;
      }
      EXPECT_TRUE(at::equal(row(noise), alone.noise.normal(shape))) << i;
      EXPECT_TRUE(at::equal(row(more), alone.noise.normal(shape))) << i;
    }
  }

  template <class Task>
  void expect_starts_of(const std::string& model) {
    SCOPED_TRACE(model);
    open(model);
    expect_starts_of_their_own({request_of_kind<Task>(0), request_of_kind<Task>(1)});
  }

  GroupStart start(std::span<const GroupItem> items) {
    return start_group(*model_, items, {}, deaf_);
  }

  c10::InferenceMode inference_;
  Observer deaf_;
  std::unique_ptr<LatentModel> model_;
};

TEST_F(PictureGroup, StartsEachPictureBitForBitAsAlone) {
  expect_starts_of<TextToImage>("tiny");
  expect_starts_of<ImageToImage>("tiny");
  expect_starts_of<Inpaint>("tiny");
  expect_starts_of<Inpaint>("tiny-inpaint");
  expect_starts_of<DepthToImage>("tiny-depth");
  expect_starts_of<Upscale>("tiny-upscale");
}

// Once in one group, so that the second picture is imagined by what the first has left.
TEST_F(PictureGroup, ImaginesEachPictureBitForBitAsAlone) {
  for (const char* model : {"tiny-kandinsky-2-2-decoder", "tiny-kandinsky-2-1"}) {
    open(model);
    std::vector<Request> requests;
    for (const int kind : {0, 1}) {
      auto request = request_of_kind<TextToImage>(kind);
      request.width = request.height = 64;
      request.prior_steps = 3;
      if (kind == 1) request.negative_prompt.reset();
      requests.emplace_back(request);
    }
    expect_starts_of_their_own(requests);
  }
}

// The prior's noise comes first: the latents' is what follows it.
TEST_F(PictureGroup, ReadsOnWhereThePriorHasStopped) {
  open("tiny-kandinsky-2-2-decoder");
  auto request = request_of_kind<TextToImage>(0);
  request.width = request.height = 64;
  request.prior_steps = 3;
  for (const bool negative : {true, false}) {
    auto asked = request;
    if (!negative) asked.negative_prompt.reset();
    const std::vector<Request> one{asked};
    const auto items = items_of(one);
    const auto begun = start(std::span(items).first(1));
    NoiseSource stream(asked.seed);
    for (int draw = 0; draw < 3; ++draw) stream.normal({negative ? 2 : 1, 16});
    EXPECT_TRUE(at::equal(begun.batch.latents[0], stream.normal({4, 8, 8}))) << negative;
  }
}

TEST_F(PictureGroup, StartsFromTheStreamsOfTheSeeds) {
  open("tiny");
  const std::vector<Request> requests{request_of_kind<TextToImage>(0),
                                      request_of_kind<TextToImage>(2)};
  const auto begun = start(items_of(requests));
  for (const auto& [row, seed] : {std::pair{0, 3}, {1, 4}, {2, 23}, {3, 24}}) {
    NoiseSource stream(static_cast<std::uint64_t>(seed));
    EXPECT_TRUE(at::equal(begun.batch.latents[row], stream.normal({4, 16, 16}))) << row;
  }
}

TEST_F(PictureGroup, StartsEachPictureFromItsShareOfGivenLatents) {
  open("tiny");
  auto request = request_of_kind<TextToImage>(0);
  const auto given = at::arange(2 * 4 * 16 * 16, at::kFloat);
  const auto* values = given.const_data_ptr<float>();
  request.num_images = 2;
  request.latents = Latents{{2, 4, 16, 16}, {values, values + given.numel()}};
  const std::vector<Request> requests{request};
  const auto items = items_of(requests);
  EXPECT_TRUE(at::equal(start(items).batch.latents, given.view({2, 4, 16, 16})));
}

TEST(JoinedBatch, LetsEachPartFollowItsOwnRows) {
  const c10::InferenceMode inference;
  const auto part = [](std::int64_t count, float value) {
    return Batch{.latents = at::full({count, 1, 2, 2}, value),
                 .channels = at::full({count, 3, 2, 2}, -value),
                 .after_step = [value](std::size_t step, at::Tensor& latents) {
                   latents = latents + value * static_cast<float>(step);
                 }};
  };
  std::vector<Batch> parts{part(2, 1), part(1, 5), part(1, 7)};
  parts[2].after_step = {};
  const auto joined = join(parts);
  EXPECT_EQ(joined.channels.sizes(), at::IntArrayRef({4, 3, 2, 2}));
  auto latents = joined.latents;
  joined.after_step(10, latents);
  const auto values = latents.select(1, 0).select(1, 0).select(1, 0);
  EXPECT_TRUE(at::equal(values, at::tensor({11.F, 11.F, 55.F, 7.F})));
  EXPECT_TRUE(
      at::equal(joined.latents, at::cat({parts[0].latents, parts[1].latents, parts[2].latents})))
      << "the latents before the step are as they were";
  for (Batch& one : parts) one.after_step = {};
  EXPECT_FALSE(join(parts).after_step);
}

}  // namespace
}  // namespace velatura::pipelines
