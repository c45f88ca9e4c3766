#include "inspection/memory_estimate.h"

#include <gtest/gtest.h>

#include "weights/layouts/known_configs.h"

namespace velatura::inspection {
namespace {

constexpr double kGiB = 1 << 30;

ModelSize model(const std::string& family, std::int64_t parameters, std::int64_t vae_parameters) {
  return {.parameters = parameters,
          .largest = 0,
          .vae_parameters = vae_parameters,
          .depth_parameters = 0,
          .unet = models::UNetConfig::read(weights::known_config(family + "/unet", "test")),
          .vae = models::VaeConfig::read(weights::known_config(family + "/vae", "test"))};
}

ModelSize sd1() {
  return model("stable-diffusion-1", 859'520'964 + 123'060'480, 83'653'863);
}

std::int64_t work_bytes(const PictureWork& work) {
  return estimate_memory(sd1(), work, {at::kFloat, at::kFloat}).work;
}

// Measured: the largest resident set of the whole program, of two steps.
TEST(MemoryEstimate, IsNearWhatWasMeasured) {
  const auto near = [](std::int64_t bytes, double measured) {
    EXPECT_NEAR(static_cast<double>(bytes) / kGiB, measured, 0.06 * measured);
  };
  PeakMemory peak = peak_memory(sd1(), 256);
  near(peak.float32, 4.30);
  near(peak.bfloat16, 2.46);
  peak = peak_memory(sd1(), 512);
  near(peak.float32, 4.88);
  near(peak.bfloat16, 2.90);
  peak = peak_memory(model("stable-diffusion-x4-upscaler", 473'398'020 + 340'387'840, 55'325'927),
                     512);
  near(peak.float32, 4.07);
  near(peak.bfloat16, 2.55);
}

TEST(MemoryEstimate, CountsAByteForAWeightOfWhatDenoises) {
  ModelSize size = sd1();
  size.largest = 859'520'964;
  const auto weights = [&](bool int8) {
    return estimate_memory(size, {.height = 64, .width = 64}, {at::kBFloat16, at::kBFloat16, int8})
        .weights;
  };
  const auto saved = static_cast<double>(weights(false) - weights(true));
  EXPECT_NEAR(saved / static_cast<double>(size.largest), 0.97, 0.001);
  EXPECT_NEAR(static_cast<double>(peak_memory(size, 512).int8) / kGiB, 2.15, 0.06 * 2.15)
      << "as measured";
}

TEST(MemoryEstimate, CountsTheWeightsInTheDtypesTheyWorkIn) {
  ModelSize size = sd1();
  size.depth_parameters = 1000;
  const auto weights = [&](at::ScalarType dtype, at::ScalarType vae_dtype) {
    return estimate_memory(size, {.height = 64, .width = 64}, {dtype, vae_dtype}).weights;
  };
  EXPECT_EQ(weights(at::kHalf, at::kFloat),
            size.parameters * 2 + size.vae_parameters * 4 + 1000 * 4);
}

// A prior's networks are there one after the other, before the others begin to work.
TEST(MemoryEstimate, CountsWhatPassesWhereTheWorkIsLess) {
  const auto folder = std::string(VELATURA_FIXTURES) + "/models/tiny-kandinsky-2-1";
  const auto files = weights::open_model(folder);
  const ModelSize alone = size_of(files), all = size_of(files, weights::open_prior(files, {}, ""));
  EXPECT_EQ(alone.vae_parameters, 386'927);
  EXPECT_LT(alone.passing_parameters, 14'000) << "of the text encoder";
  EXPECT_EQ(all.parameters, alone.parameters);
  EXPECT_GE(all.passing_parameters, alone.passing_parameters);
  ModelSize large = all;
  large.passing_parameters = 1'000'000'000;
  const auto work = [](const ModelSize& size) {
    return estimate_memory(size, {.height = 64, .width = 64}, {at::kHalf, at::kHalf}).work;
  };
  EXPECT_EQ(work(large), std::int64_t{2'000'000'000} + (448 << 20)) << "and what is kept beside it";
  EXPECT_EQ(work(all), work(alone));
}

TEST(MemoryEstimate, TilesLetTheVaeNeedLess) {
  const std::int64_t whole = work_bytes({.height = 1536, .width = 1536});
  EXPECT_LT(work_bytes({.height = 1536, .width = 1544}), whole);
  EXPECT_LT(work_bytes({.height = 1536, .width = 1536, .vae_tile = 512}), whole / 2);
  EXPECT_GT(work_bytes({.height = 2048, .width = 2048, .vae_tile = 0}), whole);
}

// Where the VAE works in tiles, the UNet sees the whole, and the finished picture is there at once.
TEST(MemoryEstimate, GrowsWithTheUNetsPart) {
  const PictureWork huge{.height = 16384, .width = 16384};
  EXPECT_GT(work_bytes(huge), std::int64_t{100} << 30);
  const auto with = [&](auto member, auto value) {
    PictureWork other = huge;
    other.*member = value;
    return work_bytes(other);
  };
  EXPECT_LT(with(&PictureWork::guided, false), 0.6 * static_cast<double>(work_bytes(huge)));
  EXPECT_GT(with(&PictureWork::pictures, 2), 1.9 * static_cast<double>(work_bytes(huge)));
  EXPECT_LT(with(&PictureWork::unet_tile, 128), std::int64_t{20} << 30);
  EXPECT_GT(with(&PictureWork::unet_tile, 128), std::int64_t{10} << 30);
}

}  // namespace
}  // namespace velatura::inspection
