#include <gtest/gtest.h>

#include "pipelines/requests.h"

namespace velatura::testing {
namespace {

// Whether a change to a request keeps it out of the other's batches.
template <class Task>
bool parts(const auto& change) {
  auto request = request_of_kind<Task>(0);
  const std::string before = batch_key(request);
  change(request);
  return batch_key(request) != before;
}

template <class Task>
class EveryTask : public ::testing::Test {};
using Tasks =
    ::testing::Types<TextToImage, ImageToImage, Inpaint, DepthToImage, Upscale, Variations>;
TYPED_TEST_SUITE(EveryTask, Tasks);

TYPED_TEST(EveryTask, SharesWhatOnlyOnePictureHas) {
  EXPECT_EQ(batch_key(request_of_kind<TypeParam>(0)), batch_key(request_of_kind<TypeParam>(1)));
  EXPECT_FALSE(parts<TypeParam>([](auto& r) { r.clip_skip = 1; }));
  EXPECT_FALSE(parts<TypeParam>([](auto& r) { r.num_images = 3; }));
  EXPECT_FALSE(parts<TypeParam>([](auto& r) { r.batch_size = 3; }));
  EXPECT_FALSE(parts<TypeParam>([](auto& r) { r.prompt_syntax = PromptSyntax::webui; }));
  EXPECT_FALSE(parts<TypeParam>([](auto& r) { r.latents = Latents{}; }));
}

TYPED_TEST(EveryTask, PartsWhatTheStepsDependOn) {
  EXPECT_TRUE(parts<TypeParam>([](auto& r) { r.steps = 5; }));
  EXPECT_TRUE(parts<TypeParam>([](auto& r) { r.guidance_scale = 5.01; }));
  EXPECT_TRUE(parts<TypeParam>([](auto& r) { r.guidance_rescale = 0.7; }));
  EXPECT_TRUE(parts<TypeParam>([](auto& r) { r.sampling.sampler = Sampler::euler; }));
  EXPECT_TRUE(parts<TypeParam>([](auto& r) { r.sampling.sampler.reset(); }));
  EXPECT_TRUE(parts<TypeParam>([](auto& r) { r.sampling.schedule = Schedule::karras; }));
  EXPECT_TRUE(
      parts<TypeParam>([](auto& r) { r.sampling.timestep_spacing = TimestepSpacing::trailing; }));
  EXPECT_TRUE(parts<TypeParam>([](auto& r) { r.sampling.prediction = Prediction::sample; }));
  EXPECT_TRUE(parts<TypeParam>([](auto& r) { r.sampling.eta = 0.5; }));
}

}  // namespace

TEST(BatchKey, PartsTasks) {
  EXPECT_NE(batch_key(request_of_kind<ImageToImage>(0)),
            batch_key(request_of_kind<TextToImage>(0)));
  EXPECT_NE(batch_key(request_of_kind<ImageToImage>(0)),
            batch_key(request_of_kind<DepthToImage>(0)));
}

TEST(BatchKey, PartsSizes) {
  EXPECT_TRUE(parts<TextToImage>([](auto& r) { r.width = 64; }));
  EXPECT_TRUE(parts<TextToImage>([](auto& r) { r.height = 64; }));
  EXPECT_TRUE(parts<Inpaint>([](auto& r) { r.height = 64; }));
  EXPECT_TRUE(parts<Inpaint>([](auto& r) { r.extend.left = 8; }));
  EXPECT_TRUE(parts<ImageToImage>([](auto& r) { r.image = patterned(64, 32, 0); }));
  EXPECT_TRUE(parts<DepthToImage>([](auto& r) { r.image = patterned(32, 64, 0); }));
  EXPECT_TRUE(parts<Upscale>([](auto& r) { r.image = patterned(32, 64, 0); }));
  EXPECT_TRUE(parts<ImageToImage>([](auto& r) { r.strength = 0.5; }));
  EXPECT_TRUE(parts<DepthToImage>([](auto& r) { r.strength = 0.5; }));
  EXPECT_TRUE(parts<Inpaint>([](auto& r) { r.strength = 0.5; }));
  EXPECT_TRUE(parts<Upscale>([](auto& r) { r.fit = Fit::stretch; }));
  EXPECT_TRUE(parts<Upscale>([](auto& r) { r.noise_level = 5; }));
  EXPECT_TRUE(parts<Upscale>([](auto& r) { r.tile = 32; }));
  EXPECT_TRUE(parts<Upscale>([](auto& r) { r.tile_overlap = 8; }));
}

TEST(BatchKey, SharesPicturesThatAreBroughtToOneSize) {
  auto a = request_of_kind<ImageToImage>(0), b = request_of_kind<ImageToImage>(1);
  b.image = patterned(48, 32, 1);
  b.fit = Fit::crop;
  EXPECT_NE(batch_key(a), batch_key(b));
  a.width = b.width = 32;
  EXPECT_EQ(batch_key(a), batch_key(b));

  auto whole = request_of_kind<Inpaint>(0), grown = request_of_kind<Inpaint>(1);
  whole.width = 40, whole.height = 32;
  grown.extend.right = 8;
  EXPECT_EQ(batch_key(whole), batch_key(grown));
  grown.mask_crop = 4;
  EXPECT_NE(batch_key(whole), batch_key(grown));
}

}  // namespace velatura::testing
