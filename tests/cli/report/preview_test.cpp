#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/velatura.h"
#include "velatura/image.h"

namespace velatura::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kBlock = "\u2580";

Outcome on_colour_terminal(const std::vector<std::string>& options,
                           const std::map<std::string, std::string>& environment) {
  Child run = tiny_run(options);
  run.terminal = true;
  run.environment = {{"TERM", "xterm-256color"},
                     {"COLORTERM", "truecolor"},
                     {"NO_COLOR", ""},
                     {"TMUX", "/tmp/tmux-0/default,1,0"}};  // so that no other variable counts
  for (const auto& [name, value] : environment) run.environment[name] = value;
  return run_velatura(run);
}

// How a terminal is told the colours of the picture's upper left corner, where it is shown whole.
std::string corner(const Image& image) {
  std::string text = "\033[38;2";
  for (int c = 0; c < 3; ++c) text += ";" + std::to_string(image.pixels[c]);
  text += ";48;2";
  for (int c = 0; c < 3; ++c) text += ";" + std::to_string(image.pixels[3 * image.width + c]);
  return text + "m" + kBlock;
}

TEST(Preview, IsOnTheTerminalBehindTheBar) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.png";
  const Outcome outcome = on_colour_terminal({"--show", "-o", path}, {});
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_EQ(outcome.out, path + "\n");
  EXPECT_THAT(outcome.err, HasSubstr("1/1\r\033[K" + corner(read_image(path))));
  EXPECT_TRUE(outcome.err.ends_with(std::string(kBlock) + "\033[0m\r\n"));
  std::size_t lines_of_blocks = 0;
  for (const auto& line : lines(outcome.err)) lines_of_blocks += line.find(kBlock) != line.npos;
  EXPECT_EQ(lines_of_blocks, 16u);
}

TEST(Preview, IsThereForEveryPictureAlsoInQuiet) {
  const TemporaryFolder folder;
  const Outcome outcome =
      on_colour_terminal({"--show=kitty", "--quiet", "-n", "3", "-o", folder / "a.png"}, {});
  ASSERT_TRUE(succeeded(outcome));
  std::size_t pictures = 0;
  for (std::size_t at = 0; (at = outcome.err.find("\033_Ga=T", at)) != std::string::npos; ++at) {
    ++pictures;
  }
  EXPECT_EQ(pictures, 3u);
}

TEST(Preview, LeavesStandardOutputAlone) {
  const Outcome outcome = on_colour_terminal({"--show=sixel", "-o", "-"}, {});
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_THAT(outcome.err, HasSubstr("\033P0;1q\"1;1;32;32#0;2;"));
  EXPECT_EQ(decode_image(std::as_bytes(std::span(outcome.out)), "stdout").width, 32);
}

TEST(Preview, WithoutATerminalIsOneWarning) {
  const TemporaryFolder folder;
  for (const char* option : {"--show", "--show=sixel"}) {
    const Outcome outcome =
        tiny({option, "-n", "2", "--no-progress", "--overwrite", "-o", folder / "a.png"});
    ASSERT_TRUE(succeeded(outcome));
    EXPECT_EQ(outcome.err,
              "velatura: warning: --show: standard error is not a terminal, pictures are written "
              "but not shown\nseed 5\n");
  }
  EXPECT_EQ(folder.files(), (std::vector<std::string>{"a-0.png", "a-1.png"}));
}

TEST(Preview, RespectsTerminalsWithoutColour) {
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"TERM", "dumb"}, {"NO_COLOR", "1"}}) {
    const TemporaryFolder folder;
    const Outcome outcome = on_colour_terminal({"--show", "-o", folder / "a.png"}, {{name, value}});
    ASSERT_TRUE(succeeded(outcome));
    EXPECT_THAT(outcome.err, HasSubstr("warning: --show: "));
    EXPECT_THAT(outcome.err, Not(HasSubstr("\033")));
  }
}

TEST(Preview, IsNotThereUnasked) {
  const TemporaryFolder folder;
  const Outcome outcome = on_colour_terminal({"-o", folder / "a.png"}, {});
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_THAT(outcome.err, Not(HasSubstr(kBlock)));
}

}  // namespace
}  // namespace velatura::testing
