// Kernels with a fault each, and one without, to show that their emulation finds them.

#include "gpu/planted_faults.h"

namespace velatura::planted {
namespace {

constexpr unsigned kThreads = 64;

struct alignas(16) Pack {
  float values[4];
};

__global__ void sound(float* x) {
  extern __shared__ float shared[];
  shared[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  x[threadIdx.x] = shared[(threadIdx.x + 1) % kThreads];
}

__global__ void missing_barrier(float* x) {
  extern __shared__ float shared[];
  shared[threadIdx.x] = x[threadIdx.x];
  x[threadIdx.x] = shared[(threadIdx.x + 1) % kThreads];
}

__global__ void everyone_writes(float* x) {
  x[0] = static_cast<float>(threadIdx.x);
}

__global__ void blocks_write_the_same(float* x) {
  x[threadIdx.x] = static_cast<float>(blockIdx.x);
}

__global__ void past_the_end(float* x) {
  x[threadIdx.x] = x[threadIdx.x + 1];
}

__global__ void unaligned(float* x) {
  const auto pack = *reinterpret_cast<const Pack*>(x + 1);
  x[threadIdx.x] = pack.values[threadIdx.x % 4];
}

__global__ void lost_threads(float* x) {
  if (threadIdx.x > 32) return;
  __syncthreads();
  x[threadIdx.x] = 1;
}

}  // namespace

bool launch(const std::string& fault, float* x, cudaError_t& error) {
  constexpr std::size_t bytes = kThreads * sizeof(float);
  if (fault == "none") {
    sound<<<1, kThreads, bytes>>>(x);
  } else if (fault == "missing barrier") {
    missing_barrier<<<1, kThreads, bytes>>>(x);
  } else if (fault == "everyone writes") {
    everyone_writes<<<1, kThreads, 0>>>(x);
  } else if (fault == "blocks write the same") {
    blocks_write_the_same<<<2, kThreads, 0>>>(x);
  } else if (fault == "past the end") {
    past_the_end<<<1, kThreads, 0>>>(x);
  } else if (fault == "too little shared memory") {
    sound<<<1, kThreads, bytes / 2>>>(x);
  } else if (fault == "unaligned") {
    unaligned<<<1, kThreads, 0>>>(x);
  } else if (fault == "lost threads") {
    lost_threads<<<1, kThreads, 0>>>(x);
  } else if (fault == "too many threads") {
    everyone_writes<<<1, 2048, 0>>>(x);
  } else if (fault == "too much shared memory") {
    sound<<<1, kThreads, 64 << 10>>>(x);
  } else {
    return false;
  }
  error = cudaGetLastError();
  return true;
}

}  // namespace velatura::planted
