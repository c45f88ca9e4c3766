#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/velatura.h"
#include "image/read_metadata.h"
#include "velatura/image.h"

namespace velatura::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// What `read` finds in the picture that a run of the tiny model makes; nothing (and a failure) if
// it makes none.
auto picture(const std::vector<std::string>& options, auto read) {
  const TemporaryFolder folder;
  std::vector<std::string> all = options;
  all.insert(all.end(), {"-o", folder / "p.png"});
  const Outcome outcome = tiny(all);
  EXPECT_TRUE(succeeded(outcome));
  return outcome.exit_code == 0 ? read(folder / "p.png") : decltype(read("")){};
}

// The bytes of the file.
std::string picture(const std::vector<std::string>& options) {
  return picture(options, file_text);
}

std::vector<std::uint8_t> pixels(const std::vector<std::string>& options) {
  return picture(options, [](const std::string& file) { return read_image(file).pixels; });
}

TEST(Txt2img, WritesThePictureAndPrintsItsPath) {
  const TemporaryFolder folder;
  const Outcome outcome = tiny({"-o", folder / "new/cat.png"});
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_EQ(outcome.out, folder / "new/cat.png" + std::string("\n"));
  EXPECT_THAT(outcome.err, HasSubstr("seed 5\n"));
  EXPECT_THAT(folder.files(), ElementsAre("new", "new/cat.png"));
  EXPECT_THAT(file_text(folder / "new/cat.png"), StartsWith("\x89PNG\r\n"));
}

TEST(Txt2img, WithoutMetadataThereIsNothingButPixels) {
  const TemporaryFolder folder;
  for (const std::string name : {"a.png", "a.jpg", "a.webp"}) {
    ASSERT_TRUE(succeeded(tiny({"-o", folder / name})));
    EXPECT_THAT(read_metadata(folder / name).receipt, HasSubstr("a red circle"));
    EXPECT_THAT(file_text(folder / name), HasSubstr("trainedAlgorithmicMedia"));
    ASSERT_TRUE(succeeded(tiny({"--no-metadata", "-o", folder / name})));
    EXPECT_EQ(read_metadata(folder / name).receipt, "");
    EXPECT_EQ(read_metadata(folder / name).parameters, "");
    EXPECT_THAT(file_text(folder / name), Not(HasSubstr("xmpmeta")));
  }
}

TEST(Txt2img, TheExtensionChoosesTheFormat) {
  const TemporaryFolder folder;
  ASSERT_TRUE(succeeded(tiny({"-o", folder / "a.jpg"})));
  EXPECT_THAT(file_text(folder / "a.jpg"), StartsWith("\xFF\xD8\xFF"));
  ASSERT_TRUE(succeeded(tiny({"-o", folder / "a.webp"})));
  EXPECT_EQ(file_text(folder / "a.webp").substr(8, 4), "WEBP");
}

TEST(Txt2img, DefaultOutputIsANumberedFileUnderOutputs) {
  const TemporaryFolder folder;
  Child run = tiny_run({});
  run.folder = folder.path();
  ASSERT_TRUE(succeeded(run_velatura(run)));
  EXPECT_EQ(run_velatura(run).out, "outputs/00001-5.png\n");
  EXPECT_THAT(folder.files(), ElementsAre("outputs", "outputs/00000-5.png", "outputs/00001-5.png"));
}

TEST(Txt2img, SeveralPicturesAreNumberedAndEachIsWhatItWouldBeAlone) {
  const TemporaryFolder folder;
  ASSERT_TRUE(succeeded(tiny({"-n", "3", "-o", folder / "cat.png"})));
  EXPECT_THAT(folder.files(), ElementsAre("cat-0.png", "cat-1.png", "cat-2.png"));
  EXPECT_EQ(file_text(folder / "cat-2.png"), picture({"--seed", "7"}));
}

TEST(Txt2img, DashWritesThePngToStandardOutput) {
  const Outcome outcome = tiny({"-o", "-"});
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_TRUE(outcome.out == picture({}));
}

TEST(Txt2img, QuietSaysNothing) {
  EXPECT_EQ(tiny({"-o", "-", "-q"}).err, "");
}

TEST(Txt2img, AFullOrClosedStandardOutputIsAnOutputError) {
  const Outcome outcome = run_program(
      "/bin/sh",
      {.arguments = {"-c", "exec \"$0\" txt2img x -q --steps 1 -m \"$1\" -o - > /dev/full",
                     VELATURA_PROGRAM, kTinyModel}});
  EXPECT_TRUE(failed_with(outcome, 6, {"standard output"}));
}

TEST(Txt2img, PromptCanComeFromStandardInput) {
  Child run = tiny_run({"--prompt", "-", "-o", "-"});
  run.input = "a red circle\n";
  const Outcome outcome = run_velatura(run);
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_TRUE(outcome.out == picture({}));
}

TEST(Txt2img, JsonIsOneObjectAPicture) {
  const TemporaryFolder folder;
  const Outcome outcome = tiny({"-n", "2", "--json", "-o", folder / "cat.png"});
  ASSERT_TRUE(succeeded(outcome));
  const auto objects = lines(outcome.out);
  ASSERT_EQ(objects.size(), 2u);
  const auto second = nlohmann::json::parse(objects[1]);
  EXPECT_EQ(second.at("path"), folder / "cat-1.png");
  EXPECT_EQ(second.at("seed"), 6);
  EXPECT_EQ(second.at("width"), 32);
  EXPECT_EQ(second.at("height"), 32);
  EXPECT_EQ(second.at("prompt"), "a red circle");
  EXPECT_GT(second.at("elapsed_s").get<double>(), 0);
  EXPECT_EQ(second.at("model_hash").get<std::string>().size(), 64u);
  EXPECT_EQ(second.at("task"), "txt2img");
  auto receipt = nlohmann::json::parse(read_metadata(folder / "cat-1.png").receipt);
  for (const char* other : {"velatura", "task", "model", "libtorch", "pixels"})
    receipt.erase(other);
  EXPECT_EQ(second.at("settings"), receipt);
}

TEST(Txt2img, WithoutASeedOneIsDrawnPrintedAndRecorded) {
  const TemporaryFolder folder;
  const auto drawn = [&](const std::vector<std::string>& seed) {
    Child run{.arguments = {"txt2img", "x", "-m", kTinyModel, "--steps", "1", "--json", "-o",
                            folder / "x.png"}};
    run.arguments.insert(run.arguments.end(), seed.begin(), seed.end());
    const Outcome outcome = run_velatura(run);
    EXPECT_TRUE(succeeded(outcome));
    const auto value = nlohmann::json::parse(outcome.out).at("seed").get<std::uint64_t>();
    EXPECT_THAT(outcome.err, HasSubstr("seed " + std::to_string(value) + "\n"));
    EXPECT_LT(value, 4294967294u);
    return value;
  };
  EXPECT_NE(drawn({}), drawn({"--seed", "-1"}));
}

TEST(Txt2img, OptionsReachThePicture) {
  const auto plain = pixels({});
  const std::vector<std::vector<std::string>> changes = {{"--prompt", "a blue star"},
                                                         {"--negative-prompt", "dog"},
                                                         {"--seed", "6"},
                                                         {"--steps", "3"},
                                                         {"--guidance-scale", "3"},
                                                         {"--sampler", "euler"},
                                                         {"-W", "48"},
                                                         {"-H", "48"},
                                                         {"--prediction", "v"},
                                                         {"--clip-skip", "1"},
                                                         {"--guidance-rescale", "0.7"},
                                                         {"--dtype", "bfloat16"},
                                                         {"--timestep-spacing", "trailing"}};
  for (const auto& change : changes) {
    EXPECT_TRUE(pixels(change) != plain) << change[0];
  }
  const auto ddim = pixels({"--sampler", "ddim"});
  EXPECT_TRUE(pixels({"--sampler", "ddim", "--eta", "1"}) != ddim);
}

TEST(Txt2img, GuidanceOfOneMakesTheNegativePromptIrrelevant) {
  const TemporaryFolder folder;
  const auto latents = [&](const std::string& negative) {
    const std::string path = folder / "l.safetensors";
    EXPECT_TRUE(succeeded(tiny({"-g", "1", "--negative-prompt", negative, "-o", folder / "p.png",
                                "--latents-out", path})));
    return file_text(path);
  };
  EXPECT_TRUE(latents("") == latents("something else"));
}

TEST(Txt2img, AliasesAreTheSameOptions) {
  const std::string with_names = picture(
      {"--guidance-scale", "4", "--steps", "3", "--num-images", "1", "--width", "40", "--height",
       "48", "--negative-prompt", "dog", "--sampler", "euler_a", "--schedule", "default"});
  EXPECT_TRUE(picture({"--cfg-scale", "4", "--ddim_steps", "3", "--n_samples", "1", "--W", "40",
                       "--H", "48", "--negative_prompt", "dog", "--sampler_name", "Euler a"}) ==
              with_names);
  EXPECT_TRUE(picture({"--scale=4", "--num-inference-steps=3", "-n1", "-W40", "-H48",
                       "--negative-prompt=dog", "--scheduler",
                       "EulerAncestralDiscreteScheduler"}) == with_names);
}

TEST(Txt2img, TheLastOfAnOptionGivenTwiceCounts) {
  EXPECT_TRUE(picture({"--seed", "1", "--seed", "6"}) == picture({"--seed", "6"}));
}

TEST(Txt2img, ASamplersLabelMayNameTheSchedule) {
  const std::string karras =
      picture({"--sampler", "euler", "--schedule", "karras", "--steps", "4"});
  EXPECT_TRUE(picture({"--sampler", "Euler Karras", "--steps", "4"}) == karras);
  EXPECT_TRUE(picture({"--schedule", "default", "--sampler", "Euler Karras", "--steps", "4"}) !=
              karras);
  EXPECT_TRUE(picture({"--sampler", "Euler Karras", "--schedule", "default", "--steps", "4"}) !=
              karras);
}

TEST(Txt2img, LatentsGoOutInOrderAndInAgain) {
  const TemporaryFolder folder;
  ASSERT_TRUE(succeeded(
      tiny({"-n", "2", "-o", folder / "a.png", "--latents-out", folder / "a.safetensors"})));
  ASSERT_TRUE(succeeded(
      tiny({"--seed", "6", "-o", folder / "b.png", "--latents-out", folder / "b.safetensors"})));
  const std::string both = file_text(folder / "a.safetensors");
  const std::string second = file_text(folder / "b.safetensors");
  constexpr std::size_t kBytes = 4 * 16 * 16 * sizeof(float);
  EXPECT_THAT(both, HasSubstr("[2,4,16,16]"));
  EXPECT_TRUE(both.substr(both.size() - kBytes) == second.substr(second.size() - kBytes));

  // Final latents are no noise, but any latents will do to see that they are used.
  const std::vector<std::string> from_file = {"--latents-in", folder / "b.safetensors"};
  EXPECT_TRUE(picture(from_file) != picture({}));
  ASSERT_TRUE(succeeded(tiny({"--seed", "99", "--latents-in", folder / "b.safetensors", "-o",
                              folder / "c.png", "--latents-out", folder / "c.safetensors"})));
  ASSERT_TRUE(succeeded(tiny({"--seed", "98", "--latents-in", folder / "b.safetensors", "-o",
                              folder / "d.png", "--latents-out", folder / "d.safetensors"})));
  EXPECT_TRUE(file_text(folder / "c.safetensors") == file_text(folder / "d.safetensors"));
}

TEST(Txt2img, LatentsOfTheWrongSizeAreRefused) {
  const TemporaryFolder folder;
  ASSERT_TRUE(succeeded(tiny({"-o", folder / "a.png", "--latents-out", folder / "a.safetensors"})));
  const Outcome outcome =
      tiny({"-W", "64", "--latents-in", folder / "a.safetensors", "-o", folder / "b.png"});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("16"));
  EXPECT_FALSE(fs::exists(folder / "b.png"));
}

TEST(Txt2img, TheModelCanComeFromTheEnvironment) {
  const TemporaryFolder folder;
  const Outcome outcome =
      run_velatura({.arguments = {"txt2img", "x", "--steps", "1", "-o", folder / "x.png"},
                    .environment = {{"VELATURA_MODEL", kTinyModel}}});
  EXPECT_TRUE(succeeded(outcome));
}

TEST(Txt2img, OtherOperatorsCanComputeButNoneThatAreUnknown) {
  const TemporaryFolder folder;
  const auto by = [&folder](const std::string& variable, const std::string& value) {
    return run_velatura({.arguments = {"txt2img", "x", "-m", kTinyModel, "--steps", "1", "-o",
                                       folder / (value + ".png")},
                         .environment = {{variable, value}}});
  };
  EXPECT_TRUE(succeeded(by("VELATURA_ATTENTION", "aten")));
  EXPECT_TRUE(
      failed_with(by("VELATURA_ATTENTION", "abacus"), 2,
                  {"VELATURA_ATTENTION=abacus", "aten, avx2, avx512, avx512_bf16 or amx_bf16"}));
  EXPECT_TRUE(succeeded(by("VELATURA_WINOGRAD", "off")));
  EXPECT_TRUE(
      failed_with(by("VELATURA_WINOGRAD", "maybe"), 2, {"VELATURA_WINOGRAD=maybe", "on or off"}));
}

}  // namespace
}  // namespace velatura::testing
