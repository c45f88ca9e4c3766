#include "cli/report/progress_report.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <utility>

#include "cli/report/warnings.h"

namespace velatura::cli {
namespace {

constexpr std::size_t kBarWidth = 24;
constexpr std::chrono::milliseconds kRedraw{100};
constexpr double kShort = 1;  // seconds a stage other than denoising may take without a line

std::string_view stage_name(Stage stage) {
  switch (stage) {
    case Stage::load_model:
      return "loading";
    case Stage::encode_prompt:
      return "encoding";
    case Stage::encode_image:
      return "encoding the picture";
    case Stage::imagine:
      return "imagining";
    case Stage::denoise:
      return "denoising";
    case Stage::decode:
      return "decoding";
    case Stage::write_model:
      return "writing";
  }
  return "";
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

std::size_t terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

[[gnu::format(printf, 1, 2)]] std::string format(const char* pattern, ...) {
  std::array<char, 128> text{};
  va_list values;
  va_start(values, pattern);
  std::vsnprintf(text.data(), text.size(), pattern, values);
  va_end(values);
  return text.data();
}

// "picture 2/4" or "pictures 3-4/4".
std::string which_pictures(const Progress& progress, int num_images) {
  if (num_images == 1 || progress.images == 0) return "";
  const int first = progress.first_image + 1;
  const int last = progress.first_image + progress.images;
  return first == last ? format("picture %d/%d, ", first, num_images)
                       : format("pictures %d-%d/%d, ", first, last, num_images);
}

// Speed and time left, counting the pictures still to come.
std::string pace(const Progress& progress, double seconds, int num_images) {
  if (progress.stage != Stage::denoise || seconds <= 0) return "";
  const double rate = progress.done / seconds;
  const int batches_after =
      progress.images == 0 ? 0 : (num_images - progress.first_image - 1) / progress.images;
  const double calls_left = progress.total - progress.done + 1.0 * batches_after * progress.total;
  return format(", %.*f it/s, ", rate >= 1 ? 2 : 3, rate) + clock_text(calls_left / rate) + " left";
}

// @param width  of what fills up; 0: nothing at all
std::string bar(const Progress& progress, std::size_t width) {
  if (width == 0) return "";
  const std::size_t filled = progress.total > 0 ? width * static_cast<std::size_t>(progress.done) /
                                                      static_cast<std::size_t>(progress.total)
                                                : 0;
  return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "] ";
}

// What is left for the bar beside a text of that size, or 0 if that is not worth it.
std::size_t bar_width(std::size_t text) {
  constexpr std::size_t kFrame = 3, kNarrowest = 6;
  const std::size_t columns = terminal_columns() - 1;
  const std::size_t left = columns > text + kFrame ? columns - text - kFrame : 0;
  return left < kNarrowest ? 0 : std::min(left, kBarWidth);
}

}  // namespace

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(std::ceil(seconds));
  return whole >= 3600 ? format("%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60)
                       : format("%ld:%02ld", whole / 60, whole % 60);
}

ProgressStyle progress_style(bool wanted) {
  if (!wanted) return ProgressStyle::none;
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return isatty(STDERR_FILENO) == 1 && !dumb && !is_set("NO_COLOR") ? ProgressStyle::bar
                                                                    : ProgressStyle::lines;
}

ProgressStyle progress_style(const PictureOptions& options) {
  return progress_style(!options.no_progress && !options.quiet);
}

ProgressReport::ProgressReport(ProgressStyle style, Verbosity verbosity, int num_images,
                               const InterruptGuard& interrupt, bool long_run, const LinePace& pace)
    : style_(style),
      verbosity_(verbosity),
      num_images_(num_images),
      interrupt_(interrupt),
      long_run_(long_run) {
  if (style == ProgressStyle::lines) lines_.emplace(pace);
}

ProgressReport::~ProgressReport() {
  clear_bar();
}

void ProgressReport::on_progress(const Progress& of_call) {
  Progress progress = of_call;
  progress.first_image += before_;
  const auto now = Clock::now();
  const bool new_stage = progress.stage != last_.stage || progress.first_image != last_.first_image;
  if (new_stage) stage_start_ = last_report_;
  if (progress.stage != Stage::load_model && !at_start_.empty()) say(std::exchange(at_start_, ""));
  if (progress.stage == Stage::load_model) start_ = now;
  draw(progress, std::chrono::duration<double>(now - stage_start_).count());
  last_ = progress;
  last_report_ = now;
}

void ProgressReport::draw(const Progress& progress, double seconds) {
  const std::string head =
      which_pictures(progress, num_images_) + std::string(stage_name(progress.stage)) + " ";
  const std::string count = format("%d/%d", progress.done, progress.total);
  const std::string tail = pace(progress, seconds, num_images_);
  if (style_ == ProgressStyle::bar) return draw_bar(progress, head, count + tail);
  if (style_ != ProgressStyle::lines || progress.total <= 0) return;
  lines_->keep(head + count + " done");
  if (long_run_ || (progress.stage != Stage::denoise && seconds < kShort)) return;
  const bool continues = progress.stage == last_.stage && progress.first_image == last_.first_image;
  const int before = continues ? 10 * last_.done / progress.total : 0;
  if (10 * progress.done / progress.total > before) lines_->offer(head + count + tail);
}

void ProgressReport::draw_bar(const Progress& progress, const std::string& head,
                              const std::string& tail) {
  const auto now = Clock::now();
  if (now - last_drawn_ < kRedraw && progress.done < progress.total) return;
  last_drawn_ = now;
  const std::string line = head + bar(progress, bar_width(head.size() + tail.size())) + tail;
  std::cerr << "\r\033[K" << line.substr(0, terminal_columns() - 1) << std::flush;
  bar_shown_ = true;
}

void ProgressReport::pictures_done(int done) {
  if (style_ != ProgressStyle::lines || 10 * done / num_images_ == 10 * (done - 1) / num_images_)
    return;
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  lines_->offer(format("%d/%d pictures", done, num_images_) + ", " +
                clock_text(seconds / done * (num_images_ - done)) + " left");
}

void ProgressReport::on_warning(std::string_view warning) {
  if (verbosity_ == Verbosity::quiet) return;
  clear_bar();
  print_warning(warning);
}

bool ProgressReport::cancelled() {
  return interrupt_.requested();
}

void ProgressReport::say(const std::string& line, Verbosity from) {
  if (verbosity_ < from) return;
  clear_bar();
  std::cerr << line << "\n";
}

void ProgressReport::clear_bar() {
  if (bar_shown_) std::cerr << "\r\033[K" << std::flush;
  bar_shown_ = false;
}

}  // namespace velatura::cli
