#include "inspection/memory_estimate.h"

#include <gtest/gtest.h>

#include "weights/layouts/known_configs.h"

namespace velatura::inspection {
namespace {

constexpr double kGiB = 1 << 30;

PeakMemory estimate(const std::string& family, std::int64_t parameters, std::int64_t latent_size) {
  return estimate_memory(parameters,
                         models::VaeConfig::read(weights::known_config(family + "/vae", "test")),
                         latent_size);
}

// Measured: the largest resident set of the whole program, of two steps.
TEST(MemoryEstimate, IsNearWhatWasMeasured) {
  constexpr std::int64_t sd1 = 859'520'964 + 83'653'863 + 123'060'480;
  constexpr std::int64_t x4 = 473'398'020 + 55'325'927 + 340'387'840;
  const auto near = [](std::int64_t bytes, double measured) {
    EXPECT_NEAR(static_cast<double>(bytes) / kGiB, measured, 0.06 * measured);
  };
  PeakMemory peak = estimate("stable-diffusion-1", sd1, 32);
  near(peak.float32, 4.30);
  near(peak.bfloat16, 2.46);
  peak = estimate("stable-diffusion-1", sd1, 64);
  near(peak.float32, 4.88);
  near(peak.bfloat16, 2.90);
  peak = estimate("stable-diffusion-x4-upscaler", x4, 128);
  near(peak.float32, 4.07);
  near(peak.bfloat16, 2.55);
}

TEST(MemoryEstimate, EndsToGrowWhereTilesBegin) {
  EXPECT_GT(estimate("stable-diffusion-1", 0, 192).float32,
            estimate("stable-diffusion-1", 0, 191).float32);
  EXPECT_EQ(estimate("stable-diffusion-1", 0, 192).float32,
            estimate("stable-diffusion-1", 0, 500).float32);
}

}  // namespace
}  // namespace velatura::inspection
