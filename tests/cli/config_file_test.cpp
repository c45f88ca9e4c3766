#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

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
    run.environment["XDG_CONFIG_HOME"] = folder_.path();
    return run_velatura(run);
  }

  // What every command of this user begins with.
  void write_users_own(const std::string& config) const {
    std::filesystem::create_directory(folder_.path() / "velatura");
    write_text(folder_ / "velatura/config.toml", config);
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
  EXPECT_TRUE(failed_with(run("[text2img]\nseed = 4\n"), 2,
                          {"c.toml:1", "[text2img]", "did you mean 'txt2img'?"}));
  EXPECT_TRUE(failed_with(run("steps = 1\n[man]\n"), 2, {"c.toml:2", "[man]"}));
}

TEST_F(ConfigFile, ASectionGoesBeforeTheTop) {
  EXPECT_EQ(picture("seed = 1\noutput = \"x.png\"\n[txt2img]\nseed = 4\nsteps = 1\n").at("seed"),
            4);
}

TEST_F(ConfigFile, IsToml) {
  const auto prompt_of = [this](const std::string& config) {
    return picture("steps = 1\noutput = \"x.png\"\n" + config).at("prompt");
  };
  EXPECT_EQ(prompt_of("prompt = \"a red circle #1 of 3\" # yes\n"), "a red circle #1 of 3");
  EXPECT_EQ(prompt_of(R"(prompt = "tab\there \u00e9 \"q\" \\")"), "tab\there é \"q\" \\");
  EXPECT_EQ(prompt_of(R"(prompt = 'C:\new')"), "C:\\new");
  EXPECT_EQ(prompt_of("prompt = \"\"\"\na cat,\na dog\"\"\"\n"), "a cat,\na dog");
  EXPECT_EQ(prompt_of("\"prompt\" = \"[a, b]\"\r\n"), "[a, b]");
  EXPECT_EQ(prompt_of("prompt = \"\"\n"), "");
  EXPECT_EQ(picture("\xEF\xBB\xBFsteps = 1\noutput = \"x.png\"\nseed = 0x1F\n").at("seed"), 31);
  EXPECT_EQ(picture("output = \"x.png\"\ntxt2img.steps = 1\ntxt2img.seed = 1_000\n").at("seed"),
            1000);
}

TEST_F(ConfigFile, WhatIsNoTomlOrNoOptionsValueIsRefused) {
  for (const auto& [config, part] : std::map<std::string, std::string>{
           {"steps = 1\n[txt2img\nseed = 4\n", "c.toml:2"},
           {"steps = 1\n\nsteps = 2\n", "c.toml:3"},
           {"[txt2img]\nseed = 1\n[txt2img]\n", "c.toml:3"},
           {"steps = 1\nprompt = \"a\\qb\"\n", "c.toml:2"},
           {"steps = 1\nprompt = \"a\n", "c.toml:2"},
           {"[txt2img]\nsteps = 2\n[txt2img.extra]\nseed = 4\n", "c.toml:3: 'extra' is a table"},
           {R"(prompt = "a\u0000b")", "c.toml:1: 'prompt' holds a NUL"},
           {"[[txt2img]]\nseed = 4\n", "'txt2img' is a list of tables"},
           {"steps = 1\nseed = [1, 2]\n", "c.toml:2: 'seed' is a list"},
           {"seed = 1979-05-27\n", "c.toml:1: 'seed' is a date"},
           {"seed = 18446744073709551615\n", "between quotes"},
           {"\nprompt = 5\n", "c.toml:2: prompt: expected text"},
           {"steps = true\n", "c.toml:1: steps: expected a value"},
           {"width = 20000.5\n", "c.toml:1"},
           {"quiet = yes\n", "between quotes"},
           {"quiet = \"perhaps\"\n", "c.toml:1"},
           {"cfg_scale = 3\nguidance-scale = 4\n", "c.toml:2: guidance-scale is given twice"},
           {"\n[img2img]\nstrenght = 1\n", "c.toml:3: unknown option 'strenght'"},
           {"strenght = 1\n", "did you mean 'strength'?"},
           {"strength = 1\n",
            "c.toml:1: txt2img has no option 'strength', which belongs under "
            "[img2img]"}}) {
    EXPECT_TRUE(failed_with(run(config), 2, {part})) << config;
  }
  EXPECT_TRUE(failed_with(tiny({"--config", folder_ / "none.toml"}), 3, {"none.toml"}));
  EXPECT_TRUE(failed_with(tiny({"--config", folder_.path()}), 3, {"cannot be read"}));
}

TEST_F(ConfigFile, WhatExcludesTheCommandLineGivesWay) {
  const std::string begin = "steps = 1\n";
  const Outcome verbose = run(begin + "output = \"x.png\"\nquiet = true\n", {"-v"});
  ASSERT_TRUE(succeeded(verbose));
  EXPECT_THAT(verbose.err, ::testing::HasSubstr("loaded in"));
  const Outcome quiet = run(begin + "output = \"x.png\"\nverbose = true\n", {"--quiet"});
  ASSERT_TRUE(succeeded(quiet));
  EXPECT_EQ(quiet.err, "");
  EXPECT_TRUE(
      failed_with(run(begin + "quiet = true\nverbose = true\n"), 2, {"exclude each other"}));
  const Outcome json = run(begin + "output = \"-\"\n");  // run() gives --json
  ASSERT_TRUE(succeeded(json));
  EXPECT_EQ(nlohmann::json::parse(json.out)["path"].get<std::string>().find("outputs/"), 0u);

  Child to_stdout = tiny_run({"--config", folder_ / "c.toml", "-o", "-"});
  write_text(folder_ / "c.toml", "json = true\ngrid = true\nnum_images = 2\n");
  const Outcome picture = run_velatura(to_stdout);
  ASSERT_TRUE(succeeded(picture));
  EXPECT_THAT(picture.out, ::testing::StartsWith("\x89PNG"));
}

TEST_F(ConfigFile, ALabelsScheduleOnTheCommandLineWinsOverOneInTheFile) {
  const auto latents = [this](const std::string& config, const std::string& sampler) {
    picture("output = \"x.png\"\nsteps = 4\nseed = 1\n" + config, {"--sampler", sampler});
    return file_text(folder_ / "l.safetensors");
  };
  EXPECT_TRUE(latents("schedule = \"exponential\"\n", "Euler Karras") ==
              latents("", "Euler Karras"));
}

TEST_F(ConfigFile, TheUsersOwnIsReadFirst) {
  write_users_own(
      "seed = 9\nsteps = 1\nverbose = true\nstrength = 0.5\noutput = \"x.png\"\n"
      "[txt2img]\nprompt = \"a ring\"\n[info]\njson = true\n");
  EXPECT_EQ(picture("").at("seed"), 9);
  EXPECT_EQ(picture("").at("prompt"), "a ring");
  EXPECT_EQ(picture("seed = 7\n").at("seed"), 7);
  EXPECT_EQ(picture("seed = 7\n", {"--seed", "5"}).at("seed"), 5);
  EXPECT_EQ(run("quiet = true\n").err, "");
  const Outcome without = run("steps = 1\noutput = \"y.png\"\nseed = 3\n", {"--no-config"});
  ASSERT_TRUE(succeeded(without));
  EXPECT_EQ(nlohmann::json::parse(without.out).at("prompt"), "");
}

TEST_F(ConfigFile, WhatIsWrongInTheUsersOwnIsSaid) {
  write_users_own("\nstepz = 1\n");
  EXPECT_TRUE(failed_with(run(""), 2, {"velatura/config.toml:2", "did you mean 'steps'?"}));
  write_users_own("[img2img]\nstepz = 1\n");
  EXPECT_TRUE(failed_with(run(""), 2, {"velatura/config.toml:2", "'stepz'"}));
}

TEST_F(ConfigFile, TheUsersOwnDoesNotChangeWhatAPictureSaysOfItself) {
  write_users_own(
      "steps = 9\nguidance_scale = 1\ndtype = \"bfloat16\"\nstrength = 0.5\nquiet = true\n"
      "[info]\njson = true\n");
  ASSERT_TRUE(succeeded(tiny({"-o", folder_ / "a.png"})));
  const auto own = [this](std::vector<std::string> arguments) {
    return run_velatura(
        {.arguments = std::move(arguments), .environment = {{"XDG_CONFIG_HOME", folder_.path()}}});
  };
  const Outcome again =
      own({"replay", folder_ / "a.png", "-m", kTinyModel, "-o", folder_ / "b.png"});
  ASSERT_TRUE(succeeded(again));
  EXPECT_EQ(again.err, "");
  EXPECT_EQ(file_text(folder_ / "b.png"), file_text(folder_ / "a.png"));
  EXPECT_TRUE(nlohmann::json::accept(own({"info", folder_ / "a.png"}).out));
  EXPECT_TRUE(succeeded(own({"samplers"})));
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
  EXPECT_TRUE(failed_with(run("steps = 0\n"), 2,
                          {"c.toml:1: --steps 0: expected a whole number from 1 to 1000"}));
  EXPECT_TRUE(failed_with(run("steps = 2\nsteps = 3\n"), 2, {"c.toml", "steps"}));
  EXPECT_TRUE(failed_with(run("prompt = a cat\n"), 2, {"c.toml", "prompt", "quotes"}));
  EXPECT_TRUE(failed_with(run("config = \"other.toml\"\n"), 2, {"c.toml", "'config'"}));
}

}  // namespace
}  // namespace velatura::testing
