#include "core/interruption.h"

#include <utility>

#include "velatura/error.h"

namespace velatura {
namespace {

thread_local Observer* asked = nullptr;

}  // namespace

Interruptible::Interruptible(Observer& observer) : before_(std::exchange(asked, &observer)) {}

Interruptible::~Interruptible() {
  asked = before_;
}

void warn_observer(std::string_view warning) {
  if (asked != nullptr) asked->on_warning(warning);
}

void end_if_cancelled() {
  if (asked != nullptr && asked->cancelled()) throw Interrupted();
}

}  // namespace velatura
