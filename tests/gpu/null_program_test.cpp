// The program with --device cuda on the real libtorch_cuda.

#include <gmock/gmock.h>

#include <cstdint>
#include <vector>

#include "gpu/instrument.h"
#include "velatura/image.h"

namespace velatura::testing {
namespace {

using ::testing::HasSubstr;

EventCounts counts_of(const std::vector<std::string>& more,
                      std::map<std::string, std::string> environment = {}) {
  const TemporaryFolder folder;
  std::vector<std::string> arguments{
      "txt2img", "a red circle", "--device",      "cuda", "--seed",        "1", "--steps",
      "3",       "--quiet",      "--no-progress", "-o",   folder / "x.png"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  environment["NULL_CUDA_REPORT"] = folder / "report";
  const Outcome outcome = on_instrument(arguments, environment);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return EventCounts(file_text(folder / "report"));
}

struct Generation {
  std::string compute, attention;  ///< its kernels' name
};
class EveryGeneration : public ::testing::TestWithParam<Generation> {};

// From a T4 on, with velatura's own kernels; attention through what is best there for its many keys.
TEST_P(EveryGeneration, HasKernels) {
  const auto counts =
      counts_of({"--width", "256", "--height", "256"}, {{"NULL_CUDA_COMPUTE", GetParam().compute}});
  EXPECT_EQ(counts.of("refused"), 0);
  EXPECT_GT(counts.of("launch void velatura::ops::cuda"), 0);
  EXPECT_GT(counts.of("launch " + GetParam().attention), 0);
}

INSTANTIATE_TEST_SUITE_P(NullProgram, EveryGeneration,
                         ::testing::Values(Generation{"75", "fmha_cutlassF_f16"},
                                           Generation{"80", "void pytorch_flash::flash_fwd"},
                                           Generation{"86", "void pytorch_flash::flash_fwd"},
                                           Generation{"89", "void pytorch_flash::flash_fwd"},
                                           Generation{"90", "cudnnBackendExecute"},
                                           Generation{"100", "cudnnBackendExecute"},
                                           Generation{"120", "void pytorch_flash::flash_fwd"}),
                         [](const auto& suite) { return "Compute" + suite.param.compute; });

// Weights go through page-locked memory; what is not there is a handful of small tensors.
TEST(NullProgram, LoadsThroughPinnedMemory) {
  const auto counts = counts_of({});
  EXPECT_GT(counts.of("copy to device, pinned"), 400);
  EXPECT_LE(counts.of("copy to device, pageable"), 4);
}

TEST(NullProgram, WaitsForNothingWithinAStep) {
  for (const std::string sampler : {"ddim", "euler_a", "dpmpp_2m", "dpmpp_sde", "lcm"}) {
    const std::map<std::string, std::string> eager{{"VELATURA_CUDA_GRAPHS", "off"}};
    const auto few = counts_of({"--sampler", sampler}, eager);
    const auto more = counts_of({"--sampler", sampler, "--steps", "5"}, eager);
    for (const char* event : {"wait stream", "wait device", "wait copy", "copy to", "copy from"})
      EXPECT_EQ(few.of(event), more.of(event)) << sampler << ": " << event;
  }
}

TEST(NullProgram, WaitsForNothingWithinATile) {
  constexpr int size = 96;  // two by two tiles
  const TemporaryFolder folder;
  write_image(folder / "small.png", {size, size, std::vector<std::uint8_t>(3 * size * size)}, {});
  const auto counts = [&](const std::string& steps) {
    const Outcome outcome =
        on_instrument({"upscale", "x", "--image", folder / "small.png", "--tile", "64",
                       "--tile-overlap", "16", "--device", "cuda", "--seed", "1", "--steps", steps,
                       "--quiet", "--no-progress", "-o", folder / "x.png"},
                      {{"NULL_CUDA_REPORT", folder / "report"}});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return EventCounts(file_text(folder / "report"));
  };
  const auto few = counts("2"), more = counts("3");
  for (const char* event : {"wait stream", "copy to", "copy from"})
    EXPECT_EQ(few.of(event), more.of(event)) << event;
}

TEST(NullProgram, SaysWhenMemoryEnds) {
  const TemporaryFolder folder;
  const Outcome outcome =
      on_instrument({"txt2img", "a", "--device", "cuda", "--seed", "1", "-o", folder / "x.png"},
                    {{"NULL_CUDA_MEMORY", std::to_string(12 << 20)}});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("the GPU ran out of memory"));
}

}  // namespace
}  // namespace velatura::testing
