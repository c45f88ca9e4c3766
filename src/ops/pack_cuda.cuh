#pragma once

// How kernels of this room read and write their types.

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>

namespace velatura::ops::cuda {

__device__ inline float to_float(float value) {
  return value;
}
__device__ inline float to_float(__half value) {
  return __half2float(value);
}
__device__ inline float to_float(__nv_bfloat16 value) {
  return __bfloat162float(value);
}
__device__ inline void store(float value, float& out) {
  out = value;
}
__device__ inline void store(float value, __half& out) {
  out = __float2half_rn(value);
}
__device__ inline void store(float value, __nv_bfloat16& out) {
  out = __float2bfloat16_rn(value);
}

/// Neighbours that one thread reads and writes at once: 16 bytes of them where all are aligned so.
template <class T, int width>
struct alignas(sizeof(T) * width) Pack {
  T values[width];
};

template <int width, class T>
__device__ Pack<T, width> load_pack(const T* from) {
  return *reinterpret_cast<const Pack<T, width>*>(from);
}

template <class T>
constexpr int widest = 16 / sizeof(T);

/// Whether packs of that many elements can be read from there.
template <class T>
bool aligned(const void* pointer, int width) {
  return reinterpret_cast<std::uintptr_t>(pointer) % (static_cast<unsigned>(width) * sizeof(T)) ==
         0;
}

}  // namespace velatura::ops::cuda
