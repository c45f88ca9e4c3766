#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/velatura.h"

namespace velatura::testing {
namespace {

class ConfigFile : public ::testing::Test {
 protected:
  // A run with the tiny model and everything else from this config file.
  Outcome run(const std::string& config, const std::vector<std::string>& options = {}) const {
    write_text(folder_ / "c.toml", config);
    Child run{.arguments = {"txt2img", "-m", kTinyModel, "--config", folder_ / "c.toml", "--json",
                            "--latents-out", folder_ / "l.safetensors"}};
    run.arguments.insert(run.arguments.end(), options.begin(), options.end());
    run.folder = folder_.path();
    return run_program(VELATURA_PROGRAM, run);
  }

  nlohmann::json picture(const std::string& config,
                         const std::vector<std::string>& options = {}) const {
    const Outcome outcome = run(config, options);
    EXPECT_TRUE(succeeded(outcome));
    return outcome.exit_code == 0 ? nlohmann::json::parse(outcome.out) : nlohmann::json();
  }

  TemporaryFolder folder_;
};

constexpr const char* kConfig = R"(# everything
prompt = "a cat, a dog"
seed = 12
steps = 2
negative_prompt = "blurry"
width = 48
output = "x.png"
)";

TEST_F(ConfigFile, GivesWhatTheCommandLineLeavesOut) {
  const auto picture = this->picture(kConfig);
  EXPECT_EQ(picture.at("prompt"), "a cat, a dog");
  EXPECT_EQ(picture.at("seed"), 12);
  EXPECT_EQ(picture.at("width"), 48);
  EXPECT_EQ(picture.at("path"), "x.png");
}

TEST_F(ConfigFile, TheCommandLineWins) {
  const auto picture = this->picture(kConfig, {"a bird", "--seed", "3"});
  EXPECT_EQ(picture.at("prompt"), "a bird");
  EXPECT_EQ(picture.at("seed"), 3);
  EXPECT_EQ(picture.at("width"), 48);
}

TEST_F(ConfigFile, AScheduleOnTheCommandLineWinsOverALabelsInTheFile) {
  const auto latents = [this](const std::string& sampler) {
    picture("output = \"x.png\"\nsteps = 4\nseed = 1\nsampler = \"" + sampler + "\"\n",
            {"--schedule", "default"});
    return file_text(folder_ / "l.safetensors");
  };
  EXPECT_TRUE(latents("Euler Karras") == latents("euler"));
}

TEST_F(ConfigFile, SectionsAreCommands) {
  const auto picture =
      this->picture("steps = 1\noutput = \"x.png\"\n[info]\njson = true\n[txt2img]\nseed = 4\n");
  EXPECT_EQ(picture.at("seed"), 4);
  EXPECT_TRUE(failed_with(run("[text2img]\nseed = 4\n"), 2, {"c.toml", "[text2img]"}));
}

TEST_F(ConfigFile, FlagsAreTrueOrFalse) {
  const Outcome outcome = run("steps = 1\noutput = \"x.png\"\nquiet = true\nno-progress = false\n");
  EXPECT_TRUE(succeeded(outcome));
  EXPECT_EQ(outcome.err, "");
}

TEST_F(ConfigFile, AnOptionThatCanStandAloneIsTrueOrAValue) {
  for (const char* value : {"true", "\"sixel\""}) {
    const Outcome outcome =
        run("steps = 1\noutput = \"x.png\"\nshow = " + std::string(value) + "\n");
    EXPECT_TRUE(succeeded(outcome));
    EXPECT_THAT(outcome.err,
                ::testing::HasSubstr("warning: --show: standard error is not a terminal"));
  }
}

TEST_F(ConfigFile, WhatIsWrongNamesTheFileAndTheOption) {
  EXPECT_TRUE(failed_with(run("stepz = 3\n"), 2, {"c.toml", "'stepz'", "did you mean 'steps'?"}));
  EXPECT_TRUE(failed_with(run("steps = 0\n"), 2, {"c.toml", "--steps", "0 is not in the range"}));
  EXPECT_TRUE(failed_with(run("steps = 2\nsteps = 3\n"), 2, {"c.toml", "steps"}));
  EXPECT_TRUE(failed_with(run("prompt = a cat\n"), 2, {"c.toml", "prompt", "quotes"}));
  EXPECT_TRUE(failed_with(run("prompt = \"cat #1\"\n"), 2, {"c.toml", "prompt", "#"}));
  EXPECT_TRUE(failed_with(run("config = \"other.toml\"\n"), 2, {"c.toml", "'config'"}));
}

}  // namespace
}  // namespace velatura::testing
