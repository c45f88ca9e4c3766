#include "terminal/detect.h"

#include <gtest/gtest.h>

#include <map>

namespace velatura::terminal {
namespace {

using Variables = std::map<std::string, std::string>;

auto reader(const Variables& variables) {
  return [variables](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? "" : found->second;
  };
}

Detection on_terminal(const Variables& variables, bool says_sixel = false) {
  return detect_protocol({true, reader(variables), [says_sixel] { return says_sixel; }});
}

TEST(Detection, KnowsTerminalsByTheirEnvironment) {
  const std::string term = "xterm-256color";
  EXPECT_EQ(on_terminal({{"TERM", "xterm-kitty"}}).protocol, Protocol::kitty);
  EXPECT_EQ(on_terminal({{"TERM", "xterm-ghostty"}}).protocol, Protocol::kitty);
  EXPECT_EQ(on_terminal({{"TERM", term}, {"KITTY_WINDOW_ID", "1"}}).protocol, Protocol::kitty);
  EXPECT_EQ(on_terminal({{"TERM", term}, {"TERM_PROGRAM", "ghostty"}}).protocol, Protocol::kitty);
  for (const char* program : {"iTerm.app", "WezTerm", "mintty"}) {
    EXPECT_EQ(on_terminal({{"TERM", term}, {"TERM_PROGRAM", program}}).protocol, Protocol::iterm2)
        << program;
  }
  EXPECT_EQ(on_terminal({{"TERM", term}, {"LC_TERMINAL", "iTerm2"}}).protocol, Protocol::iterm2);
  EXPECT_EQ(on_terminal({{"TERM", term}, {"KONSOLE_VERSION", "230801"}}).protocol, Protocol::sixel);
  EXPECT_EQ(on_terminal({{"TERM", "foot-extra"}}).protocol, Protocol::sixel);
  EXPECT_EQ(on_terminal({{"TERM", "mlterm"}}).protocol, Protocol::sixel);
}

TEST(Detection, AsksTheTerminalThatNobodyKnows) {
  EXPECT_EQ(on_terminal({{"TERM", "xterm"}}, true).protocol, Protocol::sixel);
  EXPECT_EQ(on_terminal({{"TERM", "xterm"}}, false).protocol, Protocol::half_blocks);
}

TEST(Detection, TrustsNoGraphicsInsideAMultiplexer) {
  for (const Variables& inside :
       {Variables{{"TERM", "tmux-256color"}}, Variables{{"TERM", "screen.xterm-256color"}},
        Variables{{"TERM", "xterm-kitty"}, {"TMUX", "/tmp/tmux-0"}},
        Variables{{"TERM", "xterm-kitty"}, {"STY", "1.pts-0"}}}) {
    Variables variables = inside;
    variables["KITTY_WINDOW_ID"] = "1";
    EXPECT_EQ(on_terminal(variables, true).protocol, Protocol::half_blocks);
  }
}

TEST(Detection, SaysWhyNothingCanBeShown) {
  const auto no_terminal =
      detect_protocol({false, reader({{"TERM", "xterm-kitty"}}), [] { return true; }});
  EXPECT_EQ(no_terminal.protocol, Protocol::none);
  EXPECT_EQ(no_terminal.why_none, "standard error is not a terminal");
  const auto no_colour = on_terminal({{"TERM", "xterm-kitty"}, {"NO_COLOR", "1"}});
  EXPECT_EQ(no_colour.protocol, Protocol::none);
  EXPECT_EQ(no_colour.why_none, "NO_COLOR is set");
  for (const Variables& plain : {Variables{{"TERM", "dumb"}}, Variables{}}) {
    EXPECT_EQ(on_terminal(plain, true).protocol, Protocol::none);
    EXPECT_NE(on_terminal(plain, true).why_none, "");
  }
  EXPECT_EQ(on_terminal({{"TERM", "xterm-kitty"}, {"NO_COLOR", ""}}).protocol, Protocol::kitty);
  EXPECT_EQ(on_terminal({{"TERM", "xterm-kitty"}}).why_none, "");
}

TEST(Detection, CountsColours) {
  EXPECT_EQ(detect_colours(reader({{"TERM", "xterm-256color"}})), Colours::palette_256);
  EXPECT_EQ(detect_colours(reader({{"COLORTERM", "truecolor"}})), Colours::true_colour);
  EXPECT_EQ(detect_colours(reader({{"COLORTERM", "24bit"}})), Colours::true_colour);
  EXPECT_EQ(detect_colours(reader({{"WT_SESSION", "f1"}})), Colours::true_colour);
  EXPECT_EQ(detect_colours(reader({{"TERM", "xterm-direct"}})), Colours::true_colour);
}

}  // namespace
}  // namespace velatura::terminal
