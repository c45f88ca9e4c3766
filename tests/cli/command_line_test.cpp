#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "cli/velatura.h"

namespace velatura::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

TEST(CommandLine, NothingOrNonsenseIsAUsageError) {
  EXPECT_TRUE(failed_with(velatura({}), 2, {"no command given", "txt2img"}));
  EXPECT_TRUE(
      failed_with(velatura({"text2img", "a cat"}), 2, {"unknown command 'text2img'", "'txt2img'"}));
  EXPECT_TRUE(failed_with(velatura({"--versoin"}), 2, {"unknown option --versoin", "'--version'"}));
}

TEST(CommandLine, ErrorsAreJsonWhereResultsAre) {
  const Outcome outcome = velatura({"info", "/no/such.png", "--json"});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_EQ(outcome.out, "");
  const auto error = nlohmann::json::parse(outcome.err);
  EXPECT_EQ(error["exit_code"], 3);
  EXPECT_THAT(error["error"].get<std::string>(), HasSubstr("/no/such.png"));
}

TEST(CommandLine, VersionSaysBuildLibtorchCudaAndDevices) {
  const Outcome outcome = velatura({"--version"});
  ASSERT_TRUE(succeeded(outcome));
  const auto text = lines(outcome.out);
  ASSERT_GE(text.size(), 4u);
  EXPECT_THAT(text[0], MatchesRegex(R"(velatura [0-9]+\.[0-9]+\.[0-9]+ \(.*\))"));
  EXPECT_THAT(text[1], MatchesRegex(R"(libtorch 2\.[0-9]+\.[0-9]+.*)"));
  EXPECT_THAT(text[2], StartsWith("CUDA "));
  EXPECT_THAT(text[3], StartsWith("device cpu ("));
  EXPECT_EQ(outcome.err, "");
}

TEST(CommandLine, HelpListsTheCommands) {
  const Outcome outcome = velatura({"--help"});
  ASSERT_TRUE(succeeded(outcome));
  for (const char* word :
       {"txt2img", "img2img", "inpaint", "depth2img", "upscale", "variations", "convert", "info",
        "samplers", "selftest", "completion", "man", "help", "VELATURA_MODEL ", "VELATURA_MODELS ",
        "HF_HUB_CACHE", "Exit codes", "Examples"}) {
    EXPECT_THAT(outcome.out, HasSubstr(word));
  }
}

TEST(CommandLine, HelpOfTxt2imgHasEveryOptionWithItsDefaultRangeAndAliases) {
  const Outcome outcome = velatura({"txt2img", "--help"});
  ASSERT_TRUE(succeeded(outcome));
  for (const char* group : {"Prompt:", "Model:", "Sampling:", "Output:", "Machine:", "Examples:"}) {
    EXPECT_THAT(outcome.out, HasSubstr(group));
  }
  for (const char* option : {"--prompt",
                             "--model",
                             "--negative-prompt",
                             "--width",
                             "--height",
                             "--steps",
                             "--guidance-scale",
                             "--guidance-rescale",
                             "--sampler",
                             "--schedule",
                             "--timestep-spacing",
                             "--eta",
                             "--seed",
                             "--num-images",
                             "--batch-size",
                             "--clip-skip",
                             "--models-dir",
                             "--vae",
                             "--variant",
                             "--ema",
                             "--prediction",
                             "--device",
                             "--dtype",
                             "--threads",
                             "--tf32",
                             "--output",
                             "--latents-in",
                             "--latents-out",
                             "--json",
                             "--quiet",
                             "--verbose",
                             "--no-progress",
                             "--config"}) {
    EXPECT_THAT(outcome.out, HasSubstr(option));
  }
  const std::string unwrapped = std::regex_replace(outcome.out, std::regex(R"(\s+)"), " ");
  EXPECT_THAT(unwrapped,
              HasSubstr("--steps N Denoising steps (default 50; 1 to 1000; also --ddim-steps,"));
  for (const std::string& line : lines(outcome.out)) EXPECT_LE(line.size(), 80u) << line;
}

TEST(CommandLine, HelpOfEachPictureCommandHasWhatIsItsOwn) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> commands = {
      {"img2img", {"--image", "--strength", "(default 0.8;", "--resize", "else demo;"}},
      {"inpaint",
       {"--image", "--mask", "--invert-mask", "--mask-blur", "--mask-crop", "--extend",
        "--no-paste", "--strength", "(default 1;", "--resize", "else demo-inpaint;"}},
      {"depth2img",
       {"--image", "--depth-map", "--save-depth", "--strength", "--resize", "else demo-depth;"}},
      {"upscale",
       {"--image", "--noise-level", "(default 20;", "--tile", "--tile-overlap", "(default 75;",
        "(default 9;", "else demo-upscale;"}},
      {"variations",
       {"--image", "--prior", "--image-embeds-out", "--width", "else demo-kandinsky;"}}};
  for (const auto& [command, words] : commands) {
    const Outcome outcome = velatura({command, "--help"});
    ASSERT_TRUE(succeeded(outcome));
    const std::string unwrapped = std::regex_replace(outcome.out, std::regex(R"(\s+)"), " ");
    for (const std::string& word : words) EXPECT_THAT(unwrapped, HasSubstr(word)) << command;
    for (const char* shared : {"--vae-tile", "--vae-dtype", "--latents-out", "Examples:"}) {
      EXPECT_THAT(unwrapped, HasSubstr(shared)) << command;
    }
    for (const std::string& line : lines(outcome.out)) EXPECT_LE(line.size(), 80u) << line;
  }
}

TEST(CommandLine, SamplersListsNamesAsTextAndJson) {
  const Outcome text = velatura({"samplers"});
  ASSERT_TRUE(succeeded(text));
  for (const char* word :
       {"ddim", "PLMS", "Euler a", "EulerDiscreteScheduler", "karras", "trailing"}) {
    EXPECT_THAT(text.out, HasSubstr(word));
  }
  const Outcome json = velatura({"samplers", "--json"});
  ASSERT_TRUE(succeeded(json));
  const auto object = nlohmann::json::parse(json.out);
  std::set<std::string> names;
  for (const auto& row : object.at("samplers")) names.insert(row.at("name").get<std::string>());
  for (const char* name : {"ddim", "pndm", "euler", "euler_a"})
    EXPECT_TRUE(names.contains(name)) << name;
  EXPECT_EQ(object.at("schedules").at(1).at("label"), "Karras");
}

}  // namespace
}  // namespace velatura::testing
