#include "terminal/device_attributes.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <string>

namespace velatura::terminal {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPatience{1000};
constexpr std::string_view kQuestion = "\033[c";
constexpr std::string_view kAnswerBegins = "\033[?";

/// While one lives, a terminal hands over what is typed at once and does not show it.
class RawInput {
 public:
  explicit RawInput(int terminal) : terminal_(terminal) {
    is_raw_ = tcgetattr(terminal, &before_) == 0;
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    is_raw_ = is_raw_ && tcsetattr(terminal, TCSANOW, &raw) == 0;
  }
  ~RawInput() {
    if (is_raw_) tcsetattr(terminal_, TCSANOW, &before_);
  }
  RawInput(const RawInput&) = delete;
  RawInput& operator=(const RawInput&) = delete;

  explicit operator bool() const { return is_raw_; }

 private:
  int terminal_;
  bool is_raw_;
  termios before_{};
};

bool has_input(int terminal, std::chrono::milliseconds patience) {
  pollfd input{terminal, POLLIN, 0};
  return poll(&input, 1, static_cast<int>(patience.count())) > 0 && (input.revents & POLLIN) != 0;
}

// Byte by byte, so that nothing behind the answer is taken.
std::string read_answer(int terminal) {
  std::string answer;
  const auto deadline = Clock::now() + kPatience;
  while (!answer.ends_with('c')) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    char byte = 0;
    if (left.count() <= 0 || !has_input(terminal, left) || read(terminal, &byte, 1) != 1) break;
    answer += byte;
  }
  return answer;
}

}  // namespace

bool has_sixel(std::string_view answer) {
  if (!answer.starts_with(kAnswerBegins) || !answer.ends_with('c')) return false;
  answer.remove_suffix(1);
  const std::size_t features = answer.find(';');  // the terminal's class stands before it
  return features != std::string_view::npos &&
         (std::string(answer.substr(features)) + ";").find(";4;") != std::string::npos;
}

bool asks_for_sixel(int terminal) {
  if (tcgetpgrp(terminal) != getpgrp()) return false;
  if ((fcntl(terminal, F_GETFL) & O_ACCMODE) != O_RDWR) return false;
  const RawInput raw(terminal);
  if (!raw || has_input(terminal, std::chrono::milliseconds(0))) return false;
  if (write(terminal, kQuestion.data(), kQuestion.size()) < 0) return false;
  return has_sixel(read_answer(terminal));
}

}  // namespace velatura::terminal
