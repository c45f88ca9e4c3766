#include "core/out_of_memory.h"

#include <c10/core/CachingDeviceAllocator.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <new>
#include <string_view>

namespace velatura {
namespace {

// libtorch reports an exhausted heap as an ordinary c10::Error:
// "… DefaultCPUAllocator: can't allocate memory: you tried to allocate N bytes. …"
constexpr std::string_view kHeap = "DefaultCPUAllocator: can't allocate memory";

// What CUDA and its libraries say of memory that they, not libtorch's allocator, ask for.
constexpr std::array<std::string_view, 2> kCuda{"CUDA error: out of memory",
                                                "CUBLAS_STATUS_ALLOC_FAILED"};

ResourceError exhausted(const std::string& what) {
  return ResourceError(what + " ran out of memory: a smaller batch-size or picture needs less",
                       {"batch-size"});
}

}  // namespace

std::optional<ResourceError> out_of_memory(const std::exception& error) {
  const std::string_view what = error.what();
  const auto says = [&](std::string_view words) { return what.find(words) != what.npos; };
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr || says(kHeap)) {
    return exhausted("the computer");
  }
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr ||
      std::ranges::any_of(kCuda, says)) {
    return exhausted("the GPU");
  }
  return std::nullopt;
}

void release_kept_memory(at::Device device) {
  if (device.is_cuda()) at::getDeviceAllocator(at::kCUDA)->emptyCache();
}

}  // namespace velatura
