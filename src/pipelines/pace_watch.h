#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "pipelines/latent_model.h"
#include "pipelines/size.h"
#include "velatura/progress.h"

namespace velatura::pipelines {

/// Hands what is reported of denoising on to another observer, and warns once if pictures are far
/// above the model's own size and their first step says that they will take long.
class PaceWatch final : public Observer {
 public:
  /// Denoising begins. @param inner, warned  must outlive this
  /// @param size    of the pictures that are decoded
  /// @param warned  whether it has been said before; set when it is
  PaceWatch(const LatentModel& model, Size size, Observer& inner, bool& warned);

  void on_progress(const Progress& progress) override;
  void on_warning(std::string_view warning) override { inner_.on_warning(warning); }
  bool cancelled() override { return inner_.cancelled(); }

 private:
  Size size_;
  std::int64_t own_side_;  ///< pixels; 0: the model does not say it
  Observer& inner_;
  bool& warned_;
  /// Of denoising.
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// What is to be said; empty if nothing.
/// @param own_side    of the model, pixels; 0: it does not say it
/// @param first_step  seconds that it took
/// @param steps       of all the denoising
std::string pace_warning(Size size, std::int64_t own_side, double first_step, int steps);

}  // namespace velatura::pipelines
