#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/velatura.h"

namespace velatura::testing {
namespace {

using ::testing::HasSubstr;

std::string printed(const std::vector<std::string>& arguments) {
  const Outcome outcome = velatura(arguments);
  EXPECT_TRUE(succeeded(outcome));
  return outcome.out;
}

TEST(Help, OfACommandIsWhatTheCommandItselfSays) {
  EXPECT_EQ(printed({"help"}), printed({"--help"}));
  EXPECT_EQ(printed({"help", "inpaint"}), printed({"inpaint", "--help"}));
  EXPECT_EQ(printed({"help", "samplers"}), printed({"samplers"}));
}

TEST(Help, AWordThatNamesACommandCanBeAPrompt) {
  const TemporaryFolder folder;
  EXPECT_TRUE(succeeded(velatura({"txt2img", "info", "-m", kTinyModel, "--steps", "1", "--device",
                                  "cpu", "-o", folder / "a.png"})));
}

TEST(Help, OfLicencesHoldsEachLibrarysThatIsLinked) {
  const std::string all = printed({"help", "licences"});
  for (const char* name : {"cli11", "toml++", "gif", "tiff", "jpeg", "nlohmann-json", "openssl",
                           "png", "stb", "utf8proc", "webp", "yaml-cpp", "z"}) {
    const std::string title = std::string("---- ") + name + " ----\n";
    ASSERT_THAT(all, HasSubstr(title));
    const auto begin = all.find(title) + title.size();
    EXPECT_GT(all.substr(begin, all.find("\n---- ", begin) - begin).size(), 500u) << name;
  }
}

TEST(Help, TopicsAreInTheProgramsHelpOrNamedThere) {
  const std::string all = printed({"help"});
  for (const char* topic : {"environment", "exit-codes"}) {
    EXPECT_THAT(all, HasSubstr(printed({"help", topic}))) << topic;
  }
  for (const char* topic : {"models", "output", "jobs", "config", "files", "samplers"})
    EXPECT_THAT(all, HasSubstr(topic));
  EXPECT_THAT(printed({"help", "models"}), HasSubstr("$VELATURA_DATA"));
  EXPECT_THAT(printed({"help", "output"}), HasSubstr("{seq:05}"));
  for (const char* topic :
       {"models", "output", "jobs", "config", "environment", "files", "exit-codes"}) {
    for (const auto& line : lines(printed({"help", topic}))) EXPECT_LE(line.size(), 80u) << line;
  }
}

TEST(Help, SuggestsTheNearestTopicOrCommand) {
  EXPECT_TRUE(failed_with(velatura({"help", "enviroment"}), 2, {"no help on", "'environment'"}));
  EXPECT_TRUE(failed_with(velatura({"help", "text2img"}), 2, {"'txt2img'"}));
}

TEST(Manual, HasItsSectionsAndEveryOption) {
  const std::string manual = printed({"man"});
  EXPECT_THAT(manual, HasSubstr("\"velatura 0."));
  for (const char* title : {"NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "MODELS", "ENVIRONMENT",
                            "EXIT STATUS", "EXAMPLES"}) {
    EXPECT_THAT(manual, HasSubstr("\n.SH " + std::string(title) + "\n"));
  }
  EXPECT_THAT(manual, HasSubstr("\\fB\\-g, \\-\\-guidance\\-scale X\\fR\n"));
  EXPECT_THAT(manual, HasSubstr("\\fB\\-\\-show[=NAME]\\fR\n"));
  EXPECT_THAT(manual, HasSubstr("\\fB\\-\\-json\\fR\n"));
  EXPECT_THAT(manual, HasSubstr("\n.SS upscale\n"));
  EXPECT_THAT(manual, HasSubstr("\\-H 768 \\e\n"));  // the end of a line in an example
}

TEST(Manual, IsCleanRoff) {
  const TemporaryFolder folder;
  write_text(folder / "velatura.1", printed({"man"}));
  const std::vector<std::pair<std::string, std::vector<std::string>>> checkers = {
      {"/usr/bin/mandoc", {"-Tlint", "-Wwarning"}},
      {"/usr/bin/groff", {"-man", "-ww", "-z", "-K", "utf8"}}};
  bool checked = false;
  for (auto [checker, options] : checkers) {
    if (!std::filesystem::exists(checker)) continue;
    options.push_back(folder / "velatura.1");
    const Outcome outcome = run_program(checker, {.arguments = options});
    for (const std::string& line : lines(outcome.out + outcome.err)) {
      EXPECT_THAT(line, HasSubstr("missing date")) << checker;  // it is as old as the program
    }
    checked = true;
  }
  if (!checked) GTEST_SKIP() << "neither mandoc nor groff is installed";
}

}  // namespace
}  // namespace velatura::testing
