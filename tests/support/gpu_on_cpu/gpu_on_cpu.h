#pragma once

#include <cuda_runtime_api.h>
#include <vector_types.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <vector>

/// CUDA kernels as C++ on the CPU: what a .cu of the project includes once cuda_to_cpp.py has turned
/// its launches into calls. Each thread of a block is a fiber, blocks follow one another, and
/// __syncthreads() and warp shuffles are meetings of all threads of a block. Under ThreadSanitizer
/// only these meetings order the threads, so that a missing barrier is a reported race; under
/// AddressSanitizer what lies past a launch's shared memory is poisoned. Never shows time.
namespace velatura::gpu_on_cpu {

/// In which order the threads of a block come to their meetings.
enum class Order { forward, backward, shuffled };
inline Order order = Order::forward;

/// What a launch asked for.
struct Launch {
  dim3 grid, block;
  std::size_t shared;
};
const std::vector<Launch>& launches();

/// Runs a kernel. What a GPU of compute capability 9.0 would refuse becomes the last error.
/// @param body  calls the kernel with its arguments
void run(dim3 grid, dim3 block, std::size_t shared, const std::function<void()>& body);

/// The last launch's error, once: cudaGetLastError().
cudaError_t take_last_error();

// Of the thread that runs:
const uint3& thread_index();
const uint3& block_index();
const dim3& block_size();
const dim3& grid_size();
void* shared_memory();
void sync_threads();

/// The bits that another thread of the warp gives; all threads of the block take part.
/// @param lane  of the warp's 32
std::uint64_t exchange(std::uint64_t bits, unsigned lane);
unsigned lane_index();

template <class T>
T shuffle(T value, unsigned lane) {
  static_assert(sizeof(T) <= sizeof(std::uint64_t));
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = exchange(bits, lane);
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace velatura::gpu_on_cpu

#define threadIdx (::velatura::gpu_on_cpu::thread_index())
#define blockIdx (::velatura::gpu_on_cpu::block_index())
#define blockDim (::velatura::gpu_on_cpu::block_size())
#define gridDim (::velatura::gpu_on_cpu::grid_size())
#define __syncthreads() ::velatura::gpu_on_cpu::sync_threads()
#define __shfl_xor_sync(mask, value, lanes) \
  ::velatura::gpu_on_cpu::shuffle(value, ::velatura::gpu_on_cpu::lane_index() ^ (lanes))
#define __shfl_sync(mask, value, lane, width) \
  ::velatura::gpu_on_cpu::shuffle(            \
      value, ::velatura::gpu_on_cpu::lane_index() / (width) * (width) + (lane))
#undef __launch_bounds__
#define __launch_bounds__(...)
#define cudaGetLastError() ::velatura::gpu_on_cpu::take_last_error()

inline float rsqrtf(float x) {
  return 1.f / std::sqrt(x);
}
inline float __expf(float x) {
  return std::exp(x);
}
inline float __fdividef(float x, float y) {
  return x / y;
}
