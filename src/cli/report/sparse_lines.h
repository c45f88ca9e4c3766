#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace velatura::cli {

/// When SparseLines speaks.
struct LinePace {
  std::chrono::milliseconds quiet{2000};          ///< of a run in which nothing is said at first
  std::chrono::milliseconds apart{4000};          ///< of two lines at least
  std::chrono::milliseconds first_silence{7500};  ///< after which something is said in any case
  std::chrono::milliseconds silence{60000};       ///< the same, later
};

/// Progress in lines on stderr, for files and pipes: none from a short run, none soon after another,
/// and one where the work itself has had nothing to say for long.
class SparseLines {
 public:
  explicit SparseLines(const LinePace& pace);
  SparseLines(const SparseLines&) = delete;
  SparseLines& operator=(const SparseLines&) = delete;

  /// Writes a line that is worth it, if it is time for one.
  void offer(const std::string& line);

  /// What has been done so far, which is said after a long silence.
  void keep(const std::string& line);

 private:
  using Clock = std::chrono::steady_clock;

  Clock::time_point next_word() const;
  void write(const std::string& line, Clock::time_point now);
  void break_silence(const std::stop_token& over);

  LinePace pace_;
  Clock::time_point start_ = Clock::now();
  std::mutex mutex_;  ///< of what follows
  std::condition_variable_any wake_;
  std::string state_ = "loading";
  Clock::time_point last_ = start_;  ///< when a line was written
  bool has_spoken_ = false;
  std::jthread thread_;
};

}  // namespace velatura::cli
