#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "cli/interrupt.h"
#include "cli/pictures/picture_options.h"
#include "cli/report/sparse_lines.h"
#include "velatura/progress.h"

namespace velatura::cli {

enum class ProgressStyle {
  none,
  bar,    ///< one line redrawn in place, for a terminal
  lines,  ///< a new line every tenth of a stage that is not short, see SparseLines
};

/// "1:05", or "2:00:00" from an hour on.
std::string clock_text(double seconds);

/// A bar if stderr is a terminal that can redraw a line and NO_COLOR is not set, else lines; none
/// unless wanted.
ProgressStyle progress_style(bool wanted);
/// What the options want.
ProgressStyle progress_style(const PictureOptions& options);

/// Shows on stderr what the library reports, and passes an interruption on to it.
class ProgressReport : public Observer {
 public:
  /// @param num_images  pictures in the whole run
  /// @param long_run    lines are written for the run as a whole, see pictures_done()
  /// @param pace        of lines
  ProgressReport(ProgressStyle style, Verbosity verbosity, int num_images,
                 const InterruptGuard& interrupt, bool long_run = false, const LinePace& pace = {});
  ~ProgressReport() override;
  ProgressReport(const ProgressReport&) = delete;
  ProgressReport& operator=(const ProgressReport&) = delete;

  void on_progress(const Progress& progress) override;
  void on_warning(std::string_view warning) override;
  bool cancelled() override;

  /// Pictures of the run that were done before what is reported from now on.
  void begin_after(int done) { before_ = done; }

  /// Pictures of a long run that are done: a line at every tenth of it, where there is no bar.
  void pictures_done(int done);

  /// One line for people, unless they asked for quiet.
  void say(const std::string& line, Verbosity from = Verbosity::normal);

  /// The same, once the model is loaded and the request found to be possible.
  void say_at_start(const std::string& line) { at_start_ = line; }

  /// For what is written to the terminal by others.
  void clear_bar();

 private:
  using Clock = std::chrono::steady_clock;

  void draw(const Progress& progress, double seconds);
  void draw_bar(const Progress& progress, const std::string& head, const std::string& tail);

  ProgressStyle style_;
  Verbosity verbosity_;
  int num_images_;
  const InterruptGuard& interrupt_;
  bool long_run_;
  int before_ = 0;
  Clock::time_point start_ = Clock::now();        ///< of making pictures
  Clock::time_point stage_start_ = Clock::now();  ///< when the last other stage reported
  Clock::time_point last_report_ = stage_start_;
  Clock::time_point last_drawn_{};
  Progress last_;
  bool bar_shown_ = false;
  std::string at_start_;
  std::optional<SparseLines> lines_;  ///< with that style
};

}  // namespace velatura::cli
