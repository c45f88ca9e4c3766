#pragma once

#include <string_view>

#include "velatura/progress.h"

namespace velatura {

/// While one lives, the work of a thread ends where it calls end_if_cancelled() once the observer
/// says so. Like c10::InferenceMode it is not handed on from layer to layer: networks are deep, and
/// none of them has to know who waits for it.
class Interruptible {
 public:
  /// @param observer  must outlive this
  explicit Interruptible(Observer& observer);
  ~Interruptible();
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

 private:
  Observer* before_;
};

/// Warns the observer of this thread's work, if there is one.
void warn_observer(std::string_view warning);

/// To be called between any two pieces of work that take long; costs next to nothing.
/// @throws Interrupted if the observer of this thread's work says so
void end_if_cancelled();

}  // namespace velatura
