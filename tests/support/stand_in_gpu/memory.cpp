#include <c10/core/CPUAllocator.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <unordered_map>

#include "support/stand_in_gpu/stand_in.h"

namespace velatura::stand_in {
namespace {

constexpr std::size_t kAlignment = 512;
constexpr std::size_t kFilled = 1 << 20;  // of new memory with NaN: nobody may rely on zeros

thread_local int kernels_running = 0;

/// The device's memory: blocks of the heap, counted.
class Memory {
 public:
  void* take(std::size_t size) {
    const std::lock_guard lock(mutex_);
    note("allocation", "device");
    if (++allocations_ == fail_at_) refuse(size);
    if (used_ + size > capacity_) refuse(size);
    void* const memory = allocate(size);
    std::memset(memory, 0xff, std::min(size, kFilled));
    blocks_[memory] = size;
    used_ += size;
    return memory;
  }
  void give_back(void* memory) {
    const std::lock_guard lock(mutex_);
    if (const auto found = blocks_.find(memory); found != blocks_.end()) {
      used_ -= found->second;
      blocks_.erase(found);
    }
    std::free(memory);
  }
  static void* allocate(std::size_t size) {
    void* memory = nullptr;
    if (posix_memalign(&memory, kAlignment, size) != 0) throw std::bad_alloc();
    return memory;
  }
  std::size_t capacity() const { return capacity_; }
  std::size_t used() const { return used_; }

 private:
  void refuse(std::size_t size) const {
    TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory. Tried to allocate ", size,
                     " bytes. The stand-in has ", capacity_, ", of which ", used_, " are taken.");
  }

  std::mutex mutex_;
  std::unordered_map<void*, std::size_t> blocks_;
  std::uint64_t allocations_ = 0, fail_at_ = from_environment("STAND_IN_FAIL_AT", 0);
  std::size_t used_ = 0, capacity_ = from_environment("STAND_IN_MEMORY", 80ULL << 30);
};

// Never destroyed: tensors in static storage outlive it otherwise.
Memory& memory_of_device() {
  static auto* const memory = new Memory;
  return *memory;
}

void give_back(void* memory) {
  if (memory != nullptr) memory_of_device().give_back(memory);
}

c10::DataPtr taken(std::size_t size, c10::Device device) {
  void* const memory = size > 0 ? memory_of_device().take(size) : nullptr;
  return {memory, memory, give_back, device};
}

struct DeviceAllocator final : c10::DeviceAllocator {
  c10::DataPtr allocate(std::size_t size) override {
    return taken(size, {kType, current_device()});
  }
  c10::DeleterFnPtr raw_deleter() const override { return give_back; }
  void copy_data(void* to, const void* from, std::size_t size) const override {
    std::memcpy(to, from, size);
  }
  bool initialized() override { return true; }
  void emptyCache(c10::MempoolId_t) override { note("call", "emptyCache"); }
  void recordStream(const c10::DataPtr&, c10::Stream) override {}
  c10::CachingDeviceAllocator::DeviceStats getDeviceStats(c10::DeviceIndex) override { return {}; }
  void resetAccumulatedStats(c10::DeviceIndex) override {}
  void resetPeakStats(c10::DeviceIndex) override {}
  std::pair<std::size_t, std::size_t> getMemoryInfo(c10::DeviceIndex) override {
    const Memory& memory = memory_of_device();
    return {memory.capacity() - memory.used(), memory.capacity()};
  }
};

/// The CPU's: what kernels allocate while they stand in for the device's is the device's.
struct HostAllocator final : c10::Allocator {
  c10::DataPtr allocate(std::size_t size) override {
    if (kernels_running > 0) return taken(size, c10::kCPU);
    void* const memory = size > 0 ? Memory::allocate(size) : nullptr;
    return {memory, memory, give_back, c10::kCPU};
  }
  c10::DeleterFnPtr raw_deleter() const override { return give_back; }
  void copy_data(void* to, const void* from, std::size_t size) const override {
    std::memcpy(to, from, size);
  }
};

/// Page-locked memory.
class PinnedAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(std::size_t size) override {
    void* const memory = size > 0 ? Memory::allocate(size) : nullptr;
    const std::lock_guard lock(mutex_);
    blocks_[memory] = size;
    return {memory, memory, forget, c10::kCPU};
  }
  c10::DeleterFnPtr raw_deleter() const override { return forget; }
  void copy_data(void* to, const void* from, std::size_t size) const override {
    std::memcpy(to, from, size);
  }
  bool holds(const void* memory) {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(blocks_, [memory](const auto& block) {
      const auto* const begin = static_cast<const char*>(block.first);
      return memory >= begin && memory < begin + block.second;
    });
  }
  static PinnedAllocator& the() {
    static auto* const one = new PinnedAllocator;
    return *one;
  }

 private:
  static void forget(void* memory) {
    {
      const std::lock_guard lock(the().mutex_);
      the().blocks_.erase(memory);
    }
    std::free(memory);
  }

  std::mutex mutex_;
  std::unordered_map<void*, std::size_t> blocks_;
};

const bool registered = [] {
  c10::SetAllocator(kType, &device_allocator());
  c10::SetCPUAllocator(&host_allocator(), /*priority=*/1);
  return true;
}();

}  // namespace

InKernel::InKernel() {
  ++kernels_running;
}

InKernel::~InKernel() {
  --kernels_running;
}

c10::Allocator& device_allocator() {
  static auto* const one = new DeviceAllocator;
  return *one;
}

c10::Allocator& host_allocator() {
  static auto* const one = new HostAllocator;
  return *one;
}

c10::Allocator& pinned_allocator() {
  return PinnedAllocator::the();
}

bool is_pinned(const void* memory) {
  return PinnedAllocator::the().holds(memory);
}

}  // namespace velatura::stand_in
