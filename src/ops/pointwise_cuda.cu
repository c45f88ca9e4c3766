#include "ops/pack_cuda.cuh"
#include "ops/pointwise_cuda.h"

namespace velatura::ops::cuda {
namespace {

constexpr int kThreads = 256;

// A thread a pack of the result.
template <class T, int width>
__global__ void gate(const T* projected, T* y, std::int64_t packs, std::int64_t row_packs) {
  const std::int64_t pack = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (pack >= packs) return;
  const std::int64_t row = pack / row_packs, at = (row * row_packs + pack) * width;
  auto value = load_pack<width>(projected + at);
  const auto gate = load_pack<width>(projected + at + row_packs * width);
  for (int i = 0; i < width; ++i) {
    const float b = to_float(gate.values[i]);
    const float gelu = 0.5f * b * (1.f + erff(b * 0.707106781186547524f));
    store(to_float(value.values[i]) * gelu, value.values[i]);
  }
  *reinterpret_cast<Pack<T, width>*>(y + pack * width) = value;
}

template <class T, int width>
__global__ void add_bias_residual(T* x, const T* bias, const T* residual, std::int64_t packs,
                                  std::int64_t row_packs) {
  const std::int64_t pack = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (pack >= packs) return;
  const std::int64_t at = pack * width;
  auto value = load_pack<width>(x + at);
  const auto more = load_pack<width>(residual + at);
  for (int i = 0; i < width; ++i) {
    const float add = to_float(bias[pack % row_packs * width + i]) + to_float(more.values[i]);
    store(to_float(value.values[i]) + add, value.values[i]);
  }
  *reinterpret_cast<Pack<T, width>*>(x + at) = value;
}

unsigned blocks_for(std::int64_t packs) {
  return static_cast<unsigned>((packs + kThreads - 1) / kThreads);
}

template <class T, int width>
cudaError_t launch_gate(const void* projected, void* y, std::int64_t rows, std::int64_t columns,
                        cudaStream_t stream) {
  const std::int64_t packs = rows * (columns / width);
  gate<T, width><<<blocks_for(packs), kThreads, 0, stream>>>(
      static_cast<const T*>(projected), static_cast<T*>(y), packs, columns / width);
  return cudaGetLastError();
}

template <class T, int width>
cudaError_t launch_add(void* x, const void* bias, const void* residual, std::int64_t rows,
                       std::int64_t channels, cudaStream_t stream) {
  const std::int64_t packs = rows * (channels / width);
  add_bias_residual<T, width><<<blocks_for(packs), kThreads, 0, stream>>>(
      static_cast<T*>(x), static_cast<const T*>(bias), static_cast<const T*>(residual), packs,
      channels / width);
  return cudaGetLastError();
}

// Calls it with an element of the type.
template <class Call>
cudaError_t with_type(Type type, const Call& call) {
  switch (type) {
    case Type::float32:
      return call(float());
    case Type::float16:
      return call(__half());
    case Type::bfloat16:
      return call(__nv_bfloat16());
  }
  return cudaErrorInvalidValue;
}

}  // namespace

cudaError_t launch_geglu(const void* projected, void* y, Type type, std::int64_t rows,
                         std::int64_t width, cudaStream_t stream) {
  return with_type(type, [&](auto element) {
    using T = decltype(element);
    constexpr int wide = widest<T>;
    if (width % wide == 0 && aligned<T>(projected, wide) && aligned<T>(y, wide))
      return launch_gate<T, wide>(projected, y, rows, width, stream);
    return launch_gate<T, 1>(projected, y, rows, width, stream);
  });
}

cudaError_t launch_add_bias_residual(void* x, const void* bias, const void* residual, Type type,
                                     std::int64_t rows, std::int64_t channels,
                                     cudaStream_t stream) {
  return with_type(type, [&](auto element) {
    using T = decltype(element);
    constexpr int wide = widest<T>;
    if (channels % wide == 0 && aligned<T>(x, wide) && aligned<T>(residual, wide))
      return launch_add<T, wide>(x, bias, residual, rows, channels, stream);
    return launch_add<T, 1>(x, bias, residual, rows, channels, stream);
  });
}

}  // namespace velatura::ops::cuda
