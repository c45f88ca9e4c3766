// Kernels: which are there for this device, and what they are launched with.

#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

#include "support/null_cuda/null_cuda.h"

namespace velatura::null_cuda {
namespace {

constexpr std::size_t kShared = 48 << 10;           // bytes a kernel has without asking for more
constexpr std::size_t kSharedAskedFor = 227 << 10;  // and with
constexpr std::uint32_t kFatBinary = 0xba55ed50;

/// What a library brings: machine code by architecture, and PTX, which newer ones translate.
struct Images {
  std::vector<int> code, ptx;

  bool fit(int compute) const {
    if (code.empty() && ptx.empty()) return true;
    for (const int built_for : code) {
      if (built_for / 10 == compute / 10 && built_for <= compute) return true;
    }
    for (const int built_for : ptx) {
      if (built_for <= compute) return true;
    }
    return false;
  }
};

template <class T>
T read(const char* memory) {
  T value;
  std::memcpy(&value, memory, sizeof value);
  return value;
}

// A header {magic, version, its size: 16 bits, what follows: 64 bits}, then entries {kind: 16 bits,
// 1 for PTX; at 4 the size of their header, at 8 that of what follows, at 28 the architecture}.
Images images_of(const char* binary) {
  Images images;
  if (read<std::uint32_t>(binary) != kFatBinary) return images;
  const char* entry = binary + read<std::uint16_t>(binary + 6);
  const char* const end = entry + read<std::uint64_t>(binary + 8);
  while (entry < end) {
    const auto header = read<std::uint32_t>(entry + 4);
    if (header == 0) break;
    const bool is_ptx = read<std::uint16_t>(entry) == 1;
    (is_ptx ? images.ptx : images.code).push_back(read<std::int32_t>(entry + 28));
    entry += header + read<std::uint64_t>(entry + 8);
  }
  return images;
}

struct Kernel {
  std::string name;
  const Images* images = nullptr;
  std::size_t shared = kShared;
};

std::mutex mutex;

std::map<const void*, Kernel>& kernels() {
  static std::map<const void*, Kernel> all;
  return all;
}

cudaError_t launch(const void* function, dim3 grid, dim3 block, std::size_t shared) {
  const std::lock_guard lock(mutex);
  const auto found = kernels().find(function);
  if (found == kernels().end()) return refuse(cudaErrorInvalidDeviceFunction, "unknown kernel");
  const Kernel& kernel = found->second;
  launched(kernel.name);
  if (kernel.images != nullptr && !kernel.images->fit(compute_capability()))
    return refuse(cudaErrorNoKernelImageForDevice, "no image of " + kernel.name);
  const std::size_t threads = std::size_t{block.x} * block.y * block.z;
  const bool fits = threads > 0 && threads <= 1024 && block.z <= 64 && grid.x > 0 &&
                    grid.x <= 2147483647U && grid.y > 0 && grid.y <= 65535 && grid.z > 0 &&
                    grid.z <= 65535;
  if (!fits) return refuse(cudaErrorInvalidConfiguration, "launch of " + kernel.name);
  if (shared > kernel.shared)
    return refuse(cudaErrorInvalidValue, "shared memory of " + kernel.name);
  return cudaSuccess;
}

}  // namespace
}  // namespace velatura::null_cuda

using namespace velatura::null_cuda;

extern "C" {

void** __cudaRegisterFatBinary(void* wrapper) {  // {magic, version, data}
  const auto* const binary = read<const char*>(static_cast<const char*>(wrapper) + 8);
  return reinterpret_cast<void**>(new Images(images_of(binary)));
}

void __cudaRegisterFunction(void** images, const char* host, char*, const char* name, int, uint3*,
                            uint3*, dim3*, dim3*, int*) {
  const std::lock_guard lock(mutex);
  kernels()[host] = {.name = name, .images = reinterpret_cast<const Images*>(images)};
}

cudaError_t __cudaGetKernel(cudaKernel_t* kernel, const void* function) {
  *kernel = static_cast<cudaKernel_t>(const_cast<void*>(function));
  return cudaSuccess;
}

cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void**,
                               std::size_t shared, cudaStream_t) {
  return launch(kernel, grid, block, shared);
}

cudaError_t cudaLaunchKernel(const void* function, dim3 grid, dim3 block, void**,
                             std::size_t shared, cudaStream_t) {
  return launch(function, grid, block, shared);
}

cudaError_t cudaLaunchCooperativeKernel(const void* function, dim3 grid, dim3 block, void**,
                                        std::size_t shared, cudaStream_t) {
  return launch(function, grid, block, shared);
}

cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t* config, const void* function, void**) {
  return launch(function, config->gridDim, config->blockDim, config->dynamicSmemBytes);
}

// Between the two, a launch's configuration waits for its arguments.
static thread_local struct {
  dim3 grid, block;
  std::size_t shared;
  void* stream;
} pushed;

unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, std::size_t shared, void* stream) {
  pushed = {grid, block, shared, stream};
  return 0;
}

cudaError_t __cudaPopCallConfiguration(dim3* grid, dim3* block, std::size_t* shared, void* stream) {
  *grid = pushed.grid;
  *block = pushed.block;
  *shared = pushed.shared;
  *static_cast<void**>(stream) = pushed.stream;
  return cudaSuccess;
}

cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute attribute, int value) {
  const std::lock_guard lock(mutex);
  if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize) return cudaSuccess;
  if (static_cast<std::size_t>(value) > kSharedAskedFor)
    return refuse(cudaErrorInvalidValue, "shared memory");
  kernels()[function].shared = static_cast<std::size_t>(value);
  return cudaSuccess;
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void*) {
  *attributes = {};
  attributes->maxThreadsPerBlock = 1024;
  attributes->numRegs = 32;
  attributes->binaryVersion = attributes->ptxVersion = compute_capability();
  attributes->maxDynamicSharedSizeBytes = kSharedAskedFor;
  return cudaSuccess;
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void*, int,
                                                          std::size_t) {
  *blocks = 2;
  return cudaSuccess;
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, const void*, int,
                                                                   std::size_t, unsigned) {
  *blocks = 2;
  return cudaSuccess;
}

cudaError_t cudaGetSymbolAddress(void** place, const void* symbol) {
  *place = const_cast<void*>(symbol);
  return cudaSuccess;
}
}
