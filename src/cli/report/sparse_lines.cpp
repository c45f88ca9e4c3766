#include "cli/report/sparse_lines.h"

#include <iostream>

#include "cli/report/progress_report.h"
#include "core/quiet_thread.h"

namespace velatura::cli {

SparseLines::SparseLines(const LinePace& pace)
    : pace_(pace),
      thread_(start_quiet_thread([this](const std::stop_token& over) { break_silence(over); })) {}

void SparseLines::offer(const std::string& line) {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  if (now - start_ < pace_.quiet || (has_spoken_ && now - last_ < pace_.apart)) return;
  write(line, now);
}

void SparseLines::keep(const std::string& line) {
  const std::lock_guard lock(mutex_);
  state_ = line;
}

SparseLines::Clock::time_point SparseLines::next_word() const {
  return last_ + (has_spoken_ ? pace_.silence : pace_.first_silence);
}

void SparseLines::write(const std::string& line, Clock::time_point now) {
  constexpr std::size_t kColumns = 80;
  const std::string shown = line.size() < kColumns ? line : line.substr(0, kColumns - 4) + "...";
  std::cerr << shown + "\n";  // in one piece
  last_ = now;
  has_spoken_ = true;
}

void SparseLines::break_silence(const std::stop_token& over) {
  std::unique_lock lock(mutex_);
  while (!over.stop_requested()) {
    const auto until = next_word();
    wake_.wait_until(lock, over, until, [] { return false; });
    const auto now = Clock::now();
    if (over.stop_requested() || now < next_word()) continue;
    const std::chrono::duration<double> so_far = now - start_;
    write(clock_text(so_far.count()) + " at work, " + state_, now);
  }
}

}  // namespace velatura::cli
