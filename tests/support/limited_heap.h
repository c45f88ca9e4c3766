#pragma once

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>

#include <algorithm>
#include <limits>
#include <new>

namespace velatura::testing {

/// While it lives, libtorch's CPU tensors come through it: it knows how large they were, and can
/// refuse those above a limit, as a heap that is exhausted would.
class LimitedHeap final : public c10::Allocator {
 public:
  LimitedHeap() { c10::SetCPUAllocator(this, kAboveAll); }
  ~LimitedHeap() override { c10::SetCPUAllocator(inner_, kAboveAll); }

  /// Bytes of the largest tensor that was asked for.
  std::size_t largest() const { return largest_; }
  void limit(std::size_t bytes) { limit_ = bytes; }

  c10::DataPtr allocate(std::size_t size) override {
    largest_ = std::max(largest_, size);
    if (size > limit_) throw std::bad_alloc();
    return inner_->allocate(size);
  }
  c10::DeleterFnPtr raw_deleter() const override { return inner_->raw_deleter(); }
  void copy_data(void* to, const void* from, std::size_t count) const override {
    default_copy_data(to, from, count);
  }

 private:
  static constexpr std::uint8_t kAboveAll = 100;
  c10::Allocator* inner_ = c10::GetCPUAllocator();
  std::size_t largest_ = 0, limit_ = std::numeric_limits<std::size_t>::max();
};

}  // namespace velatura::testing
