#include "core/block_cache.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <list>
#include <mutex>
#include <new>
#include <unordered_map>
#include <utility>

namespace velatura {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kSmallest = std::size_t{1} << 20;  // below, the C library does well
constexpr std::size_t kLarge = std::size_t{64} << 20;    // from here on, huge pages
constexpr std::size_t kMostIdle = std::size_t{224} << 20;

thread_local bool is_kept = false;

struct Block {
  void* data;
  std::size_t size;
};

class BlockCache final : public c10::Allocator {
 public:
  static BlockCache& instance() {
    static auto* cache = new BlockCache;  // outlives every tensor
    return *cache;
  }

  c10::DataPtr allocate(std::size_t size) override {
    void* data = size < kSmallest ? c10::GetDefaultCPUAllocator()->raw_allocate(size) : take(size);
    return {data, data, &give_back, c10::Device(c10::DeviceType::CPU)};
  }

  c10::DeleterFnPtr raw_deleter() const override { return &give_back; }

  void copy_data(void* to, const void* from, std::size_t count) const override {
    std::memcpy(to, from, count);
  }

 private:
  void* take(std::size_t size) {
    {
      const std::lock_guard lock(mutex_);
      for (auto block = idle_.begin(); block != idle_.end(); ++block) {
        if (block->size < size || block->size > size + size / 8) continue;
        const Block found = *block;
        idle_.erase(block);
        idle_bytes_ -= found.size;
        in_use_.emplace(found.data, found.size);
        return found.data;
      }
    }
    const bool huge_pages = size >= kLarge && !is_kept;
    const std::size_t alignment = huge_pages ? kHugePage : 64;
    void* data = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    if (data == nullptr) throw std::bad_alloc();
    // Whole huge pages only: memory behind the tensor would be in use for nothing.
    if (huge_pages) madvise(data, size / kHugePage * kHugePage, MADV_HUGEPAGE);
    const std::lock_guard lock(mutex_);
    in_use_.emplace(data, size);
    return data;
  }

  static void give_back(void* data) {
    if (!instance().keep(data)) c10::GetDefaultCPUAllocator()->raw_deallocate(data);
  }

  // False if the memory is not from here.
  bool keep(void* data) {
    const std::lock_guard lock(mutex_);
    const auto found = in_use_.find(data);
    if (found == in_use_.end()) return false;
    idle_.push_front({data, found->second});
    idle_bytes_ += found->second;
    in_use_.erase(found);
    while (idle_bytes_ > kMostIdle) {
      std::free(idle_.back().data);
      idle_bytes_ -= idle_.back().size;
      idle_.pop_back();
    }
    return true;
  }

  std::mutex mutex_;
  std::list<Block> idle_;  // the latest first
  std::size_t idle_bytes_ = 0;
  std::unordered_map<void*, std::size_t> in_use_;
};

}  // namespace

void use_block_cache() {
  c10::SetCPUAllocator(&BlockCache::instance(), /*priority=*/1);
}

KeptMemory::KeptMemory() : outer_(std::exchange(is_kept, true)) {}

KeptMemory::~KeptMemory() {
  is_kept = outer_;
}

}  // namespace velatura
