#include "pipelines/pace_watch.h"

#include <cmath>
#include <string>

namespace velatura::pipelines {
namespace {

constexpr double kFarAbove = 4;      // times the model's own area
constexpr double kLongSeconds = 60;  // of all steps

// "25 s", "80 min", "2 h 5 min"
std::string duration_text(double seconds) {
  const auto whole = std::lround(seconds);
  if (whole < 120) return std::to_string(whole) + " s";
  const auto minutes = std::lround(seconds / 60);
  if (minutes < 120) return std::to_string(minutes) + " min";
  return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

std::string size_text(std::int64_t width, std::int64_t height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

}  // namespace

std::string pace_warning(Size size, std::int64_t own_side, double first_step, int steps) {
  const double area = static_cast<double>(size.width) * size.height;
  const double own_area = static_cast<double>(own_side) * static_cast<double>(own_side);
  const double all = first_step * steps;
  if (own_side == 0 || area <= kFarAbove * own_area || all < kLongSeconds) return "";
  return size_text(size.width, size.height) + " is far above the model's own " +
         size_text(own_side, own_side) + ": the first step took " + duration_text(first_step) +
         ", all " + std::to_string(steps) + " take about " + duration_text(all);
}

PaceWatch::PaceWatch(const LatentModel& model, Size size, Observer& inner, bool& warned)
    : size_(size),
      own_side_(model.traits.sample_size.value_or(0) * model.codec->factor()),
      inner_(inner),
      warned_(warned) {}

void PaceWatch::on_progress(const Progress& progress) {
  inner_.on_progress(progress);
  if (progress.stage == Stage::imagine) begin_ = std::chrono::steady_clock::now();
  if (warned_ || progress.stage != Stage::denoise || progress.done != 1) return;
  const std::chrono::duration<double> first = std::chrono::steady_clock::now() - begin_;
  const std::string warning = pace_warning(size_, own_side_, first.count(), progress.total);
  if (warning.empty()) return;
  warned_ = true;
  inner_.on_warning(warning);
}

}  // namespace velatura::pipelines
