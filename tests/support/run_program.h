#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace velatura::testing {

/// How to run a program as a child process.
struct Child {
  std::vector<std::string> arguments = {};
  std::string input = {};                               ///< its standard input
  std::map<std::string, std::string> environment = {};  ///< beside this process's own
  std::filesystem::path folder = {};                    ///< working folder; empty: this process's
  bool terminal = false;                                ///< standard error is a pseudo-terminal
  int signal = 0;                                       ///< to send; 0: none
  std::string signal_when = {};                         ///< once this is on standard error
};

struct Outcome {
  int exit_code = -1;  ///< 128 + the signal, if one ended it
  std::string out;
  std::string err;
};

/// Runs `program` to its end. A child that takes longer than two minutes is killed.
Outcome run_program(const std::filesystem::path& program, const Child& child);

/// The same with a fork of this process, which has what the program's main() calls in it: it need not load and
/// initialise libraries again, which takes longer than what most tests ask for. What libraries read from their
/// environment when they are loaded is this process's. To be called while there are no other threads.
Outcome run_program(int (*main)(int, const char* const*), const Child& child);

/// A new folder that goes when this does.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

  /// Names of all files in it, folders included, sorted.
  std::vector<std::string> files() const;

 private:
  std::filesystem::path path_;
};

std::string file_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, const std::string& text);

/// Lines without their line ends.
std::vector<std::string> lines(const std::string& text);

}  // namespace velatura::testing
