#include "cli/batch/batch_cost.h"

#include <cmath>

#include "cli/report/progress_report.h"
#include "core/text.h"

namespace velatura::cli {

std::string count(std::size_t number, const char* what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

void BatchCost::add(const batch::Picture& picture, int steps, const batch::Entry* entry) {
  if (!picture.done) {
    ++to_make_;
    steps_to_make_ += steps;
  } else {
    ++there_;
    steps_there_ += steps;
    seconds_there_ += entry == nullptr ? 0 : entry->elapsed_s;
  }
}

std::string BatchCost::text() const {
  std::string text = count(to_make_, "picture") + " to make, " + std::to_string(there_) +
                     " there; " + count(static_cast<std::size_t>(steps_to_make_), "denoising step");
  if (seconds_there_ > 0 && to_make_ > 0) {
    const double seconds = seconds_there_ / static_cast<double>(steps_there_);
    text += ", about " + clock_text(seconds * static_cast<double>(steps_to_make_)) + " at " +
            number_text(std::round(seconds * 1000) / 1000) + " s each as so far";
  }
  return text;
}

}  // namespace velatura::cli
