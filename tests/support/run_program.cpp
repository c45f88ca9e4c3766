#include "support/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "core/end_process.h"

namespace velatura::testing {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kLimit{120};

struct Ends {
  int read;
  int write;
};

Ends make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  return {ends[0], ends[1]};
}

Ends make_terminal() {
  int master = -1;
  int slave = -1;
  const winsize size{.ws_row = 24, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
  if (openpty(&master, &slave, nullptr, nullptr, &size) != 0) throw std::runtime_error("openpty");
  fcntl(master, F_SETFD, FD_CLOEXEC);
  fcntl(slave, F_SETFD, FD_CLOEXEC);
  return {master, slave};
}

void prepare(const Child& child, Ends in, Ends out, Ends err) {
  signal(SIGPIPE, SIG_DFL);
  dup2(in.read, STDIN_FILENO);
  dup2(out.write, STDOUT_FILENO);
  dup2(err.write, STDERR_FILENO);
  for (const Ends& ends : {in, out, err}) {
    close(ends.read);
    close(ends.write);
  }
  if (!child.folder.empty() && chdir(child.folder.c_str()) != 0) _exit(127);
  setenv("XDG_CONFIG_HOME", "/nonexistent", 1);  // not that of whoever runs the tests
  for (const auto& [name, value] : child.environment) setenv(name.c_str(), value.c_str(), 1);
}

// As main() is given them.
std::vector<char*> arguments_of(const char* program, const Child& child) {
  std::vector<char*> arguments{const_cast<char*>(program)};
  for (const std::string& argument : child.arguments)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  return arguments;
}

// Reads what is there; closes the end and returns false when no more will come.
bool receive(int& fd, std::string& text) {
  std::array<char, 65536> buffer{};
  const ssize_t count = read(fd, buffer.data(), buffer.size());
  if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
  if (count > 0 || (count < 0 && errno == EINTR)) return true;
  close(fd);
  fd = -1;
  return false;
}

// @param become  what the child does once it has its ends; returns only where that cannot be done
Outcome run(const Child& child, const std::function<void()>& become) {
  signal(SIGPIPE, SIG_IGN);  // a child that never reads its input is no reason to die
  Ends in = make_pipe();
  Ends out = make_pipe();
  Ends err = child.terminal ? make_terminal() : make_pipe();
  const pid_t id = fork();
  if (id == 0) {
    prepare(child, in, out, err);
    become();
    _exit(127);
  }
  close(in.read);
  close(out.write);
  close(err.write);
  // Inputs in tests are shorter than a pipe's buffer.
  if (write(in.write, child.input.data(), child.input.size()) < 0 && errno != EPIPE)
    throw std::runtime_error("write");
  close(in.write);

  Outcome outcome;
  bool signalled = child.signal == 0;
  const auto deadline = Clock::now() + kLimit;
  while (out.read >= 0 || err.read >= 0) {
    std::array<pollfd, 2> ends{{{out.read, POLLIN, 0}, {err.read, POLLIN, 0}}};
    poll(ends.data(), ends.size(), 1000);
    if (ends[0].revents != 0) receive(out.read, outcome.out);
    if (ends[1].revents != 0) receive(err.read, outcome.err);
    if (!signalled && outcome.err.find(child.signal_when) != std::string::npos) {
      kill(id, child.signal);
      signalled = true;
    }
    if (Clock::now() > deadline) kill(id, SIGKILL);
  }
  int status = 0;
  waitpid(id, &status, 0);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

}  // namespace

Outcome run_program(const fs::path& program, const Child& child) {
  std::vector<char*> arguments = arguments_of(program.c_str(), child);
  return run(child, [&] { execv(program.c_str(), arguments.data()); });
}

Outcome run_program(int (*main)(int, const char* const*), const Child& child) {
  std::cout.flush();
  std::fflush(nullptr);  // or the child would write it, too
  std::vector<char*> arguments = arguments_of(program_invocation_name, child);
  return run(child,
             [&] { end_process(main(static_cast<int>(arguments.size()) - 1, arguments.data())); });
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "velatura-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::vector<std::string> TemporaryFolder::files() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(path_)) {
    names.push_back(fs::relative(entry.path(), path_).string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_text(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) result.push_back(line);
  return result;
}

}  // namespace velatura::testing
