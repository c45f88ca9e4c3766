#include "inspection/picture_work.h"

#include <gtest/gtest.h>

#include "velatura/error.h"

namespace velatura::inspection {
namespace {

// Of 8 pixels a latent.
ModelSize model() {
  ModelSize size{};
  size.unet.sample_size = 64;
  size.vae.block_out_channels = {1, 1, 1, 1};
  return size;
}

PictureWork work(const Request& request) {
  return work_of(model(), request, 3, 128);
}

TEST(PictureWork, OfEachTaskIsAsLargeAsItsPictures) {
  const auto is = [](const PictureWork& found, std::int64_t width, std::int64_t height) {
    return found.width == width && found.height == height;
  };
  TextToImage text;
  EXPECT_TRUE(is(work(text), 512, 512));
  text.width = 768;
  EXPECT_TRUE(is(work(text), 768, 512));
  ImageToImage image;
  image.image = {2000, 1500, {}};
  EXPECT_TRUE(is(work(image), 2000, 1500));
  image.height = 64;
  EXPECT_TRUE(is(work(image), 2000, 64));
  DepthToImage depth;
  depth.image = {2000, 1500, {}};
  EXPECT_TRUE(is(work(depth), 2000, 1500));
  Inpaint inpaint;
  inpaint.image = {2000, 1500, {}};
  EXPECT_TRUE(is(work(inpaint), 512, 512));
  inpaint.extend.left = 40;
  EXPECT_TRUE(is(work(inpaint), 2040, 1500));
  inpaint.mask_crop = 8;
  EXPECT_TRUE(is(work(inpaint), 512, 512));
  Variations varied;
  varied.image = {2000, 1500, {}};
  varied.height = 64;
  EXPECT_TRUE(is(work(varied), 512, 64));
  Upscale upscale;
  upscale.image = {100, 50, {}};
  EXPECT_TRUE(is(work(upscale), 800, 400));
  EXPECT_EQ(work(upscale).unet_tile, 128);
}

TEST(PictureWork, SaysHowMuchIsMadeAtOnce) {
  TextToImage text;
  EXPECT_EQ(work(text).pictures, 3);
  EXPECT_EQ(work(text).vae_tile, 128);
  EXPECT_TRUE(work(text).guided);
  text.guidance_scale = 1;
  EXPECT_FALSE(work(text).guided);
}

TEST(PictureWork, OffloadsNothingOnTheCpu) {
  const auto settled = [](Offload asked) {
    return settle_offload(asked, at::kCPU, model(), work(TextToImage()), {at::kFloat, at::kFloat});
  };
  EXPECT_EQ(settled(Offload::automatic), Offload::none);
  EXPECT_EQ(settled(Offload::none), Offload::none);
  EXPECT_THROW(settled(Offload::model), UsageError);
  EXPECT_THROW(settled(Offload::layers), UsageError);
}

TEST(PictureWork, OffloadingLeavesTheLargestNetwork) {
  ModelSize size = model();
  size.unet.levels.resize(1);
  size.parameters = 1000;
  size.largest = 800;
  const auto weights = [&](Offload offload) {
    return offloaded_need(size, work(TextToImage()), {at::kHalf, at::kHalf}, offload).weights;
  };
  EXPECT_EQ(weights(Offload::none), 2000);
  EXPECT_EQ(weights(Offload::model), 1600);
  EXPECT_EQ(weights(Offload::layers), 400);
}

TEST(PictureWork, HasNetworksBesideTheModelOnce) {
  const std::string net = VELATURA_FIXTURES "/models/tiny-control/net";
  TextToImage text;
  EXPECT_EQ(work(text).parameters_beside, 0);
  text.controls = {{.model = net}};
  const auto once = work(text).parameters_beside;
  EXPECT_GT(once, 1000);
  text.controls = {{.model = net}, {.model = net}};
  EXPECT_EQ(work(text).parameters_beside, once);
  text.image_encoder = VELATURA_FIXTURES "/models/tiny-ip-adapter";
  EXPECT_GT(work(text).parameters_beside, once);

  const Precision half{at::kBFloat16, at::kBFloat16};
  ModelSize whole = model();
  whole.unet.levels.resize(1);
  const MemoryNeed without = estimate_memory(whole, {.height = 64, .width = 64}, half);
  const MemoryNeed with =
      estimate_memory(whole, {.height = 64, .width = 64, .parameters_beside = once}, half);
  EXPECT_EQ(with.weights - without.weights, 2 * once);
}

TEST(PictureWork, OfAnUpscalingIsWholeWhereThatFits) {
  Upscale upscale;
  upscale.image = {400, 300, {}};
  const Precision half{at::kBFloat16, at::kBFloat16};
  ModelSize upscaler = model();
  upscaler.unet.levels.resize(1);
  upscaler.unet.levels[0].channels = 320;
  PictureWork whole = work_of(upscaler, upscale, 1, std::nullopt);
  const MemoryNeed in_tiles = estimate_memory(upscaler, whole, half);
  whole.unet_tile = 0;
  const MemoryNeed at_once = estimate_memory(upscaler, whole, half);
  EXPECT_GT(at_once.work, in_tiles.work);
  const auto needed = static_cast<std::uint64_t>(at_once.work);
  const auto tile = [&](std::uint64_t free) {
    return upscale_tile(upscaler, upscale, 1, std::nullopt, half, free);
  };
  EXPECT_EQ(tile(needed), 0);
  EXPECT_EQ(tile(needed - 1), 128);
  EXPECT_EQ(tile(0), 128) << "not known";
  upscale.tile = 0;
  EXPECT_EQ(work(upscale).unet_tile, 0);
}

TEST(PictureWork, CanBeMadeWithLess) {
  const PictureWork least = least_work({.height = 64, .width = 64, .pictures = 4}, 8);
  EXPECT_EQ(least.pictures, 1);
  EXPECT_EQ(least.vae_tile, 256);
  EXPECT_EQ(least_work({.height = 64, .width = 64, .vae_tile = 128}, 8).vae_tile, 128);
  EXPECT_EQ(least_work({.height = 64, .width = 64, .vae_tile = 0}, 8).vae_tile, 256);
}

}  // namespace
}  // namespace velatura::inspection
