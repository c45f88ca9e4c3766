// The program with --device cuda on the stand-in: right numbers, and what it says when memory ends.

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "gpu/instrument.h"
#include "weights/formats/checkpoint.h"

namespace velatura::testing {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kPrompt = "a red circle on a white background";

std::vector<std::string> txt2img(const std::string& device, const std::string& out,
                                 const std::vector<std::string>& more) {
  std::vector<std::string> arguments{"txt2img",           kPrompt,   "--device",   device,
                                     "--dtype",           "float32", "--seed",     "1",
                                     "--no-progress",     "-o",      out + ".png", "--latents-out",
                                     out + ".safetensors"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::vector<std::string> picture(const std::string& device, const std::string& out,
                                 std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"--steps", "4", "-m", VELATURA_FIXTURES "/models/tiny"});
  return txt2img(device, out, more);
}

at::Tensor latents(const std::string& out) {
  return weights::open_checkpoint(out + ".safetensors").source->load("latents");
}

double difference(const at::Tensor& a, const at::Tensor& b) {
  return ((a - b).abs().max() / b.abs().max()).item<double>();
}

TEST(StandInProgram, KnowsItsDevicesAndKernels) {
  const Outcome outcome = on_instrument({"--version"});
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("velatura's kernels open\n"),
                                 HasSubstr("device cuda:0 (stand-in, 80.0 GiB, compute 9.0)"),
                                 HasSubstr("device cuda:1 (stand-in")));
}

TEST(StandInProgram, LeavesInt8ToTheCpu) {
  const Outcome outcome = on_instrument({"txt2img", kPrompt, "-m", VELATURA_FIXTURES "/models/tiny",
                                         "--device", "cuda", "--dtype", "int8", "-o", "out.png"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("dtype int8 is for the CPU"));
}

TEST(StandInProgram, SaysWhyTheDriverDoesNotStart) {
  const std::map<std::string, std::string> broken{{"STAND_IN_DRIVER_ERROR", "803"}};
  const std::string reason = "error 803, the reason of the stand-in";
  EXPECT_THAT(on_instrument({"--version"}, broken).out,
              AllOf(HasSubstr("no usable device: the NVIDIA driver does not start: " + reason)));
  const Outcome outcome = on_instrument({"selftest", "--device", "cuda"}, broken);
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr(reason));
}

TEST(StandInProgram, SaysWhereThereIsNoDevice) {
  const Outcome outcome =
      on_instrument({"selftest", "--device", "cuda"}, {{"STAND_IN_DEVICES", "0"}});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("the NVIDIA driver has no device"));
}

// A library of that name that is none.
TEST(StandInProgram, SaysWhyItsKernelsAreNotOpen) {
  const TemporaryFolder folder;
  write_text(folder / "libvelatura_cuda.so", "no library");
  const std::map<std::string, std::string> broken{
      {"LD_LIBRARY_PATH", folder.path().string() + ":" VELATURA_GPU_LIBRARIES}};
  const auto reason = ContainsRegex("not open: .*libvelatura_cuda.so: file too short");
  EXPECT_THAT(on_instrument({"--version"}, broken).out, reason);
  const Outcome outcome = on_instrument({"selftest", "--device", "cuda"}, broken);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, ContainsRegex("failed .* GPU kernels .*file too short"));
}

TEST(StandInProgram, PassesTheSelftestOnEveryDevice) {
  for (const char* device : {"cuda", "cuda:1"}) {
    const Outcome outcome = on_instrument({"selftest", "--device", device});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
    EXPECT_THAT(outcome.out, Not(HasSubstr("skipped"))) << outcome.out;
  }
}

TEST(StandInProgram, MakesTheCpusLatents) {
  const TemporaryFolder folder;
  for (const char* sampler : {"pndm", "euler_a", "dpmpp_sde"}) {
    const std::vector<std::string> with{"--sampler", sampler};
    const Outcome here = on_instrument(picture("cpu", folder / "cpu", with));
    const Outcome there = on_instrument(picture("cuda:1", folder / "gpu", with));
    ASSERT_EQ(here.exit_code + there.exit_code, 0) << sampler << here.err << there.err;
    EXPECT_LE(difference(latents(folder / "gpu"), latents(folder / "cpu")), 2e-5) << sampler;
  }
}

// Weights that were packed while loading are changed, and packed again.
TEST(StandInProgram, MakesTheCpusLatentsWithALora) {
  const TemporaryFolder folder;
  const auto made = [&](const std::string& device, std::vector<std::string> more) {
    const std::string out = folder / device;
    more.insert(more.begin(), {"--steps", "2"});
    const Outcome outcome = on_instrument(txt2img(device, out, more));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return latents(out);
  };
  const at::Tensor without = made("cuda", {});
  const at::Tensor here = made("cpu", {"--lora", "outlines"});
  const at::Tensor there = made("cuda", {"--lora", "outlines"});
  EXPECT_GE(difference(there, without), 1e-2);
  EXPECT_LE(difference(there, here), 2e-5);
}

TEST(StandInProgram, MakesTheSameLatentsWithGraphs) {
  const TemporaryFolder folder;
  const std::string models = VELATURA_FIXTURES "/models/",
                    scene = VELATURA_MODELS "/demo/img2img.png";
  const auto made = [&](const std::string& graphs) {
    const Outcome outcome = on_instrument(
        picture("cuda", folder / graphs,
                {"--steps", "12", "--width", "32", "--height", "32", "--control",
                 models + "tiny-control/net", "--control-image", scene, "--control-end", "0.6",
                 "--ip-adapter", models + "tiny-ip-adapter/ip-plus.bin", "--ip-adapter-image",
                 scene, "--ip-adapter-start", "0.3"}),
        {{"VELATURA_CUDA_GRAPHS", graphs}});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.err, Not(HasSubstr("graphs")));
    return latents(folder / graphs);
  };
  EXPECT_LE(difference(made("on"), made("off")), 1e-6);
}

// Networks and layers that come to the device to compute and go again change nothing.
TEST(StandInProgram, MakesTheSameLatentsWhereverItsWeightsWait) {
  const TemporaryFolder folder;
  const std::string models = VELATURA_FIXTURES "/models/",
                    scene = VELATURA_MODELS "/demo/img2img.png";
  const std::vector<std::vector<std::string>> runs{
      {"txt2img", "-m", models + "tiny-xl", "--refiner", models + "tiny-xl-refiner", "--steps",
       "4"},
      {"img2img", "-m", models + "tiny", "--image", scene, "--width", "32", "--height", "32",
       "--control", models + "tiny-control/net", "--control-image", scene, "--ip-adapter",
       models + "tiny-ip-adapter/ip-plus.bin", "--ip-adapter-image", scene, "--steps", "3"},
      {"txt2img", "--lora", "outlines", "-n", "2", "--batch-size", "2", "--steps", "2"}};
  for (const auto& run : runs) {
    const auto made = [&](const std::string& offload) {
      auto arguments = run;
      arguments.insert(arguments.end(),
                       {"--prompt", kPrompt, "--device", "cuda", "--dtype", "float32", "--seed",
                        "1", "--offload", offload, "--overwrite", "-o", folder / "x.png",
                        "--latents-out", folder / "x.safetensors"});
      const Outcome outcome = on_instrument(arguments);
      EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
      return latents(folder / "x");
    };
    const at::Tensor stayed = made("none");
    EXPECT_TRUE(at::equal(made("model"), stayed)) << run[2];
    EXPECT_TRUE(at::equal(made("layers"), stayed)) << run[2];
  }
}

// Each failing allocation ends the program with its line, or it goes on with less.
TEST(StandInProgram, SurvivesEveryKindOfFailedAllocation) {
  const TemporaryFolder folder;
  ASSERT_EQ(on_instrument(picture("cuda", folder / "x"), {{"STAND_IN_REPORT", folder / "report"}})
                .exit_code,
            0);
  const long all = EventCounts(file_text(folder / "report")).of("allocation");
  ASSERT_GT(all, 100);
  constexpr long parts = 12;
  for (long part = 0; part < parts; ++part) {
    const std::string at = std::to_string(1 + (all - 1) * part / (parts - 1));
    const Outcome outcome =
        on_instrument(picture("cuda", folder / "x", {"--quiet"}), {{"STAND_IN_FAIL_AT", at}});
    EXPECT_THAT(outcome.exit_code, AnyOf(0, 5)) << at << outcome.err;
    if (outcome.exit_code == 0) continue;
    EXPECT_THAT(outcome.err, HasSubstr("the GPU ran out of memory")) << at;
    EXPECT_EQ(lines(outcome.err).size(), 1) << at << outcome.err;
  }
}

TEST(StandInProgram, TakesSmallerBatchesWhereMemoryEnds) {
  const TemporaryFolder folder;
  const auto make = [&](const std::map<std::string, std::string>& environment) {
    return on_instrument(
        {"txt2img", kPrompt, "-m", VELATURA_FIXTURES "/models/tiny", "--device", "cuda", "--steps",
         "4", "--seed", "1", "-n", "4", "--batch-size", "4", "-o", folder / "{index}.png"},
        environment);
  };
  ASSERT_EQ(make({{"STAND_IN_REPORT", folder / "report"}}).exit_code, 0);
  const long all = EventCounts(file_text(folder / "report")).of("allocation");
  const Outcome outcome = make({{"STAND_IN_FAIL_AT", std::to_string(all / 2)}});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("at most 2 at a time are made"));
}

// A run waits as often whatever its steps, but for an event each of them, which keeps pace.
TEST(StandInProgram, WaitsForNothingWithinAStep) {
  const TemporaryFolder folder;
  const auto counts = [&](const std::string& sampler, const std::string& steps) {
    const Outcome outcome =
        on_instrument(picture("cuda", folder / "x", {"--sampler", sampler, "--steps", steps}),
                      {{"STAND_IN_REPORT", folder / "report"}});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return EventCounts(file_text(folder / "report"));
  };
  for (const std::string sampler : {"ddim", "euler_a", "lcm", "ddpm"}) {
    const auto few = counts(sampler, "4"), more = counts(sampler, "6");
    EXPECT_EQ(few.of("wait"), more.of("wait")) << sampler;
    EXPECT_EQ(few.of("copy"), more.of("copy")) << sampler;
    EXPECT_EQ(few.of("event waited for") + 2, more.of("event waited for")) << sampler;
  }
}

}  // namespace
}  // namespace velatura::testing
