#include "terminal/device_attributes.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <string>

namespace velatura::terminal {
namespace {

TEST(DeviceAttributes, NameSixel) {
  EXPECT_TRUE(has_sixel("\033[?62;4;22c"));
  EXPECT_TRUE(has_sixel("\033[?63;1;2;4c"));
  EXPECT_FALSE(has_sixel("\033[?62;22c"));
  EXPECT_FALSE(has_sixel("\033[?4c"));
  EXPECT_FALSE(has_sixel("\033[?64;14;44c"));
  EXPECT_FALSE(has_sixel("\033[?62;4;22"));
  EXPECT_FALSE(has_sixel("x;4;c"));
  EXPECT_FALSE(has_sixel(""));
}

struct Conversation {
  bool asked = false;  ///< the terminal has seen the question
  int exit_code =
      -1;  ///< of a process on it that asks: 1 for sixel, 2 if the terminal was left raw
  double seconds = 0;
};

/// A process that asks its terminal, which answers so; an empty answer is none.
/// @param typed  by somebody before
Conversation converse(const std::string& answer, const std::string& typed = "") {
  int terminal = -1;
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    if (!typed.empty()) {
      char go = 0;
      while (read(STDIN_FILENO, &go, 1) == 1 && go != '\n') {
      }
    }
    const bool sixel = asks_for_sixel(STDERR_FILENO);
    termios after{};
    tcgetattr(STDERR_FILENO, &after);
    const bool is_raw = (after.c_lflag & ICANON) == 0 || (after.c_lflag & ECHO) == 0;
    _exit(is_raw ? 2 : sixel ? 1 : 0);
  }
  if (!typed.empty() && write(terminal, typed.data(), typed.size()) < 0) return {};
  Conversation result;
  std::string seen;
  char byte = 0;
  while (read(terminal, &byte, 1) == 1) {
    seen += byte;
    if (result.asked || !seen.ends_with("\033[c")) continue;
    result.asked = true;
    if (!answer.empty() && write(terminal, answer.data(), answer.size()) < 0) break;
  }
  int status = 0;
  waitpid(child, &status, 0);
  close(terminal);
  result.exit_code = WEXITSTATUS(status);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

TEST(DeviceAttributes, AreAskedOfTheTerminal) {
  EXPECT_EQ(converse("\033[?62;4;22c").exit_code, 1);
  EXPECT_EQ(converse("\033[?62;22c").exit_code, 0);
}

TEST(DeviceAttributes, ATerminalNeedNotAnswer) {
  const Conversation silence = converse("");
  EXPECT_TRUE(silence.asked);
  EXPECT_EQ(silence.exit_code, 0);
  EXPECT_LT(silence.seconds, 5);
  EXPECT_EQ(converse("\033[?62;4").exit_code, 0);
}

TEST(DeviceAttributes, AreNotAskedWhereKeysWait) {
  const Conversation typed = converse("\033[?62;4;22c", "\nls\n");
  EXPECT_FALSE(typed.asked);
  EXPECT_EQ(typed.exit_code, 0);
}

TEST(DeviceAttributes, AreNotAskedOfAnotherTerminal) {
  int master = -1;
  int slave = -1;
  ASSERT_EQ(openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
  EXPECT_FALSE(asks_for_sixel(slave));
  pollfd sent{master, POLLIN, 0};
  EXPECT_EQ(poll(&sent, 1, 0), 0);
  close(slave);
  close(master);
}

}  // namespace
}  // namespace velatura::terminal
