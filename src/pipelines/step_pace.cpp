#include "pipelines/step_pace.h"

#include <c10/core/impl/VirtualGuardImpl.h>

#include <utility>

namespace velatura::pipelines {

std::size_t StepPace::queued() {
  ++queued_;
  if (device_.is_cpu()) return queued_;
  c10::Event event(device_.type());
  event.record(c10::impl::VirtualGuardImpl(device_.type()).getStream(device_));
  if (last_) last_->synchronize();
  last_ = std::move(event);
  return queued_ - 1;
}

std::size_t StepPace::finish() {
  if (last_) last_->synchronize();
  return queued_;
}

}  // namespace velatura::pipelines
