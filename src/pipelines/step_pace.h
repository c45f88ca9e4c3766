#pragma once

#include <c10/core/Device.h>
#include <c10/core/Event.h>

#include <cstddef>
#include <optional>

namespace velatura::pipelines {

/// How many steps are done. A GPU's are only queued when their code is through: the one before is
/// waited for, so that it is never without work, nor further ahead than a step.
class StepPace {
 public:
  explicit StepPace(c10::Device device) : device_(device) {}

  /// To be called when a step is queued. @return how many are done
  std::size_t queued();
  /// Waits for the last. @return how many are done
  std::size_t finish();

 private:
  c10::Device device_;
  std::size_t queued_ = 0;
  std::optional<c10::Event> last_;  // of those queued; empty on the CPU
};

}  // namespace velatura::pipelines
