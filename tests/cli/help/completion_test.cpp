#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "cli/velatura.h"

namespace velatura::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Where a program is on PATH; "" if it is not there.
std::string find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (std::filesystem::exists(folder + "/" + name)) return folder + "/" + name;
  }
  return "";
}

/// The script for a shell, and that shell to try it in.
class Completion : public ::testing::Test {
 protected:
  void use(const std::string& shell) {
    shell_ = find_program(shell);
    if (shell_.empty()) GTEST_SKIP() << shell << " is not installed";
    const Outcome outcome = velatura({"completion", shell});
    ASSERT_TRUE(succeeded(outcome));
    write_text(folder_ / "script", outcome.out);
    ASSERT_TRUE(succeeded(run_program(shell_, {.arguments = {"-n", folder_ / "script"}})));
  }

  // What a shell program prints that has sourced the script; its parameters are `words`.
  std::vector<std::string> printed(std::vector<std::string> options, const std::string& program,
                                   const std::vector<std::string>& words) const {
    options.insert(options.end(), {"-c", "source ./script; " + program});
    options.insert(options.end(), words.begin(), words.end());
    const Outcome outcome = run_program(shell_, {.arguments = options, .folder = folder_.path()});
    EXPECT_TRUE(succeeded(outcome));
    EXPECT_EQ(outcome.err, "");
    return lines(outcome.out);
  }

  std::vector<std::string> bash(std::vector<std::string> words) const {
    words.insert(words.begin(), "velatura");
    return printed({"--norc"},
                   "COMP_WORDS=(\"$0\" \"$@\"); COMP_CWORD=$#; _velatura; "
                   "((${#COMPREPLY[@]})) && printf '%s\\n' \"${COMPREPLY[@]}\"; true",
                   words);
  }

  std::vector<std::string> fish(const std::string& line) const {
    return printed({"--no-config"}, "complete -C $argv[1]", {line});
  }

  TemporaryFolder folder_;
  std::string shell_;
};

TEST_F(Completion, Bash) {
  ASSERT_NO_FATAL_FAILURE(use("bash"));
  if (IsSkipped()) return;
  EXPECT_THAT(bash({"inp"}), ElementsAre("inpaint"));
  EXPECT_THAT(bash({"--"}), ElementsAre("--help", "--version"));
  EXPECT_THAT(bash({"txt2img", "--guid"}), ElementsAre("--guidance-scale", "--guidance-rescale"));
  EXPECT_THAT(bash({"txt2img", "a cat", "--sampler", "eu"}), ElementsAre("euler", "euler_a"));
  EXPECT_THAT(bash({"txt2img", "--sampler-name", "=", "eu"}), ElementsAre("euler", "euler_a"));
  EXPECT_THAT(bash({"txt2img", "--schedule", "="}), Contains("karras"));
  EXPECT_THAT(bash({"img2img", "--resize", ""}), ElementsAre("stretch", "crop", "pad"));
  EXPECT_THAT(bash({"convert", "--to", "o"}), ElementsAre("original"));
  EXPECT_THAT(bash({"convert", "--dtype", ""}), ElementsAre("float32", "float16", "bfloat16"));
  EXPECT_THAT(bash({"txt2img", "--steps", ""}), IsEmpty());
  EXPECT_THAT(bash({"txt2img", "--show", "=", "k"}), ElementsAre("kitty"));
  EXPECT_THAT(bash({"txt2img", "--show", "k"}), IsEmpty());
  EXPECT_THAT(bash({"completion", ""}), ElementsAre("bash", "zsh", "fish"));
}

TEST_F(Completion, BashOffersModelsAndFiles) {
  ASSERT_NO_FATAL_FAILURE(use("bash"));
  if (IsSkipped()) return;
  write_text(folder_ / "demo picture.png", "");
  std::filesystem::create_directory(folder_ / "models");
  EXPECT_THAT(bash({"txt2img", "-m", "demo"}),
              AllOf(Contains("demo-inpaint"), Contains("demo picture.png")));
  EXPECT_THAT(bash({"info", "demo"}), Contains("demo-inpaint"));
  EXPECT_THAT(bash({"img2img", "--image", "demo"}), ElementsAre("demo picture.png"));
  EXPECT_THAT(bash({"txt2img", "--models-dir", ""}), ElementsAre("models"));
}

TEST_F(Completion, Zsh) {
  ASSERT_NO_FATAL_FAILURE(use("zsh"));
  if (IsSkipped()) return;
  // An interactive shell on a pseudo-terminal, its completion asked for with Tab.
  const std::string program = R"(zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'autoload -Uz compinit; compinit -u -D; source ./script; print rea''dy'
zpty -r -m shell screen '*ready*'
zpty -w -n shell "velatura $1"$'\t'
zpty -r -m shell screen "*$2*" && print found
)";
  write_text(folder_ / "tab", program);
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"inp", "velatura inpaint"},
      {"txt2img --timestep-spacing li", "linspace"},
      {"img2img --resize=c", "--resize=crop"},
      {"txt2img --show=si", "--show=sixel"},
      {"txt2img --guidance-r", "--guidance-rescale"},
      {"info demo-i", "demo-inpaint"},
      {"completion f", "completion fish"}};
  for (const auto& [line, expected] : cases) {
    const Outcome outcome =
        run_program(shell_, {.arguments = {"-f", "tab", line, expected}, .folder = folder_.path()});
    EXPECT_THAT(outcome.out, HasSubstr("found")) << line;
  }
}

TEST_F(Completion, Fish) {
  ASSERT_NO_FATAL_FAILURE(use("fish"));
  if (IsSkipped()) return;
  EXPECT_THAT(fish("velatura inp"), ElementsAre("inpaint\tPaint a part of a picture anew"));
  EXPECT_THAT(fish("velatura txt2img --lat"),
              Contains(HasSubstr("--latents-out\tWrite the final latents")));
  EXPECT_THAT(fish("velatura txt2img --no-pa"), IsEmpty());  // an option of another command
  EXPECT_THAT(fish("velatura img2img --resize=cr"), Contains(HasSubstr("--resize=crop")));
  EXPECT_THAT(fish("velatura txt2img --show=si"), Contains(HasSubstr("--show=sixel")));
  EXPECT_THAT(fish("velatura txt2img --show si"), IsEmpty());
  EXPECT_THAT(fish("velatura info demo-i"), Contains(HasSubstr("demo-inpaint")));
  EXPECT_THAT(fish("velatura completion "), ElementsAre("bash", "fish", "zsh"));
}

TEST_F(Completion, OtherShellsAreRefused) {
  EXPECT_TRUE(failed_with(velatura({"completion", "csh"}), 2, {"csh", "bash, zsh or fish"}));
}

}  // namespace
}  // namespace velatura::testing
