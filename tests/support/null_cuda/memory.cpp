// Memory and copies.

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>

#include "support/null_cuda/null_cuda.h"

namespace velatura::null_cuda {
namespace {

/// All that was allocated or registered; pages are there once they are touched.
class Memory {
 public:
  cudaError_t take(void** memory, std::size_t size, cudaMemoryType type) {
    const std::lock_guard lock(mutex_);
    if (type == cudaMemoryTypeDevice && used_ + size > capacity_)
      return refuse(cudaErrorMemoryAllocation, "memory");
    *memory = mmap(nullptr, std::max<std::size_t>(size, 1), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    blocks_[static_cast<char*>(*memory)] = {size, type, true};
    if (type != cudaMemoryTypeDevice) return cudaSuccess;
    used_ += size;
    peak_ = std::max(peak_, used_);
    return cudaSuccess;
  }
  cudaError_t give_back(void* memory) {
    const std::lock_guard lock(mutex_);
    if (memory == nullptr) return cudaSuccess;
    const auto found = blocks_.find(static_cast<char*>(memory));
    if (found == blocks_.end()) return refuse(cudaErrorInvalidValue, "what was never allocated");
    const Block& block = found->second;
    if (block.type == cudaMemoryTypeDevice) used_ -= block.size;
    if (block.ours) munmap(memory, std::max<std::size_t>(block.size, 1));
    blocks_.erase(found);
    return cudaSuccess;
  }
  void register_host(void* memory, std::size_t size) {
    const std::lock_guard lock(mutex_);
    blocks_[static_cast<char*>(memory)] = {size, cudaMemoryTypeHost, false};
  }
  cudaMemoryType type_of(const void* memory) {
    const std::lock_guard lock(mutex_);
    const auto* const place = static_cast<const char*>(memory);
    auto after = blocks_.upper_bound(const_cast<char*>(place));
    if (after == blocks_.begin()) return cudaMemoryTypeUnregistered;
    const auto& [begin, block] = *--after;
    return place < begin + block.size ? block.type : cudaMemoryTypeUnregistered;
  }

  std::size_t capacity_ = from_environment("NULL_CUDA_MEMORY", std::size_t{80} << 30);
  std::size_t used_ = 0, peak_ = 0;

 private:
  struct Block {
    std::size_t size;
    cudaMemoryType type;
    bool ours;
  };
  std::mutex mutex_;
  std::map<char*, Block> blocks_;
};

// Never destroyed: libtorch gives memory back while the process ends.
Memory& memory() {
  static auto* const all = new Memory;
  return *all;
}

// "to device, pinned" and the like.
std::string way(const void* to, const void* from) {
  const auto target = memory().type_of(to), source = memory().type_of(from);
  const auto kind = [](cudaMemoryType host) {
    return host == cudaMemoryTypeHost ? ", pinned" : ", pageable";
  };
  if (target == cudaMemoryTypeDevice && source == cudaMemoryTypeDevice) return "within device";
  if (target == cudaMemoryTypeDevice) return std::string("to device") + kind(source);
  if (source == cudaMemoryTypeDevice) return std::string("from device") + kind(target);
  return "within host";
}

// Pageable memory cannot be copied within a capture, whatever was asked for.
cudaError_t copy(void* to, const void* from, std::size_t size, bool asynchronous) {
  const std::string what = way(to, from);
  note("copy", what);
  if (!asynchronous) note("wait", "copy");
  if (!asynchronous || what.ends_with("pageable")) {
    if (const auto error = forbidden_in_capture(what); error != cudaSuccess) return error;
  }
  // Device memory stays zero, and untouched: a model of full size costs nothing.
  if (what.starts_with("from device")) std::memset(to, 0, size);
  if (what == "within host") std::memmove(to, from, size);
  return cudaSuccess;
}

}  // namespace

std::size_t memory_capacity() {
  return memory().capacity_;
}

std::size_t memory_used() {
  return memory().used_;
}

}  // namespace velatura::null_cuda

using namespace velatura::null_cuda;

std::size_t null_cuda_peak() {
  return memory().peak_;
}

void null_cuda_set_memory(std::size_t bytes) {
  memory().capacity_ = bytes;
}

extern "C" {

cudaError_t cudaMalloc(void** place, std::size_t size) {
  if (const auto error = forbidden_in_capture("cudaMalloc"); error != cudaSuccess) return error;
  note("allocation", "device");
  return memory().take(place, size, cudaMemoryTypeDevice);
}

cudaError_t cudaFree(void* place) {
  if (place != nullptr) {
    if (const auto error = forbidden_in_capture("cudaFree"); error != cudaSuccess) return error;
  }
  return memory().give_back(place);
}

cudaError_t cudaMallocAsync(void** place, std::size_t size, cudaStream_t) {
  return memory().take(place, size, cudaMemoryTypeDevice);
}

cudaError_t cudaFreeAsync(void* place, cudaStream_t) {
  return memory().give_back(place);
}

cudaError_t cudaHostAlloc(void** place, std::size_t size, unsigned) {
  note("allocation", "pinned");
  return memory().take(place, size, cudaMemoryTypeHost);
}

cudaError_t cudaFreeHost(void* place) {
  return memory().give_back(place);
}

cudaError_t cudaHostRegister(void* place, std::size_t size, unsigned) {
  memory().register_host(place, size);
  return cudaSuccess;
}

cudaError_t cudaHostUnregister(void* place) {
  return memory().give_back(place);
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  *free = memory_capacity() - memory_used();
  *total = memory_capacity();
  return cudaSuccess;
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* place) {
  *attributes = {};
  attributes->type = memory().type_of(place);
  attributes->devicePointer = attributes->hostPointer = const_cast<void*>(place);
  return cudaSuccess;
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t size, cudaMemcpyKind) {
  return copy(to, from, size, false);
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t size, cudaMemcpyKind,
                            cudaStream_t) {
  return copy(to, from, size, true);
}

cudaError_t cudaMemset(void*, int, std::size_t) {
  return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void*, int, std::size_t, cudaStream_t) {
  launched("memset");
  return cudaSuccess;
}
}
