#include "ops/pack_cuda.cuh"
#include "ops/pointwise_cuda.h"

namespace velatura::ops::cuda {
namespace {

constexpr int kThreads = 256;  // of a block, at most

/// Rows of so many packs, a thread each: blocks go across and down, so that no thread divides.
struct Rows {
  std::int64_t rows;
  int packs;  // of a row

  dim3 block() const {
    const int across = packs < kThreads ? packs : kThreads;
    return dim3(static_cast<unsigned>(across), static_cast<unsigned>(kThreads / across));
  }
  dim3 grid() const {
    const dim3 threads = block();
    return dim3(static_cast<unsigned>((rows + threads.y - 1) / threads.y),
                (static_cast<unsigned>(packs) + threads.x - 1) / threads.x);
  }
  __device__ std::int64_t row() const {
    return static_cast<std::int64_t>(blockIdx.x) * blockDim.y + threadIdx.y;
  }
  __device__ int pack() const { return static_cast<int>(blockIdx.y * blockDim.x + threadIdx.x); }
  __device__ bool has_thread() const { return row() < rows && pack() < packs; }
};

template <class T, int width>
__global__ void gate(const T* projected, T* y, Rows of) {
  if (!of.has_thread()) return;
  const std::int64_t row = of.row() * of.packs * width;
  const int column = of.pack() * width;
  const T* const from = projected + 2 * row + column;
  auto value = load_pack<width>(from);
  const auto gate = load_pack<width>(from + of.packs * width);
#pragma unroll
  for (int i = 0; i < width; ++i) {
    const float b = to_float(gate.values[i]);
    const float gelu = 0.5f * b * (1.f + erff(b * 0.707106781186547524f));
    store(to_float(value.values[i]) * gelu, value.values[i]);
  }
  *reinterpret_cast<Pack<T, width>*>(y + row + column) = value;
}

template <class T, int width>
__global__ void add_bias_residual(T* x, const T* bias, const T* residual, Rows of) {
  if (!of.has_thread()) return;
  const int column = of.pack() * width;
  const std::int64_t at = of.row() * of.packs * width + column;
  auto value = load_pack<width>(x + at);
  const auto more = load_pack<width>(residual + at), of_channel = load_pack<width>(bias + column);
#pragma unroll
  for (int i = 0; i < width; ++i) {
    const float add = to_float(of_channel.values[i]) + to_float(more.values[i]);
    store(to_float(value.values[i]) + add, value.values[i]);
  }
  *reinterpret_cast<Pack<T, width>*>(x + at) = value;
}

template <class T, int width>
cudaError_t launch_gate(const void* projected, void* y, std::int64_t rows, std::int64_t columns,
                        cudaStream_t stream) {
  const Rows of{rows, static_cast<int>(columns / width)};
  gate<T, width><<<of.grid(), of.block(), 0, stream>>>(static_cast<const T*>(projected),
                                                       static_cast<T*>(y), of);
  return cudaGetLastError();
}

template <class T, int width>
cudaError_t launch_add(void* x, const void* bias, const void* residual, std::int64_t rows,
                       std::int64_t channels, cudaStream_t stream) {
  const Rows of{rows, static_cast<int>(channels / width)};
  add_bias_residual<T, width><<<of.grid(), of.block(), 0, stream>>>(
      static_cast<T*>(x), static_cast<const T*>(bias), static_cast<const T*>(residual), of);
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
    if (channels % wide == 0 && aligned<T>(x, wide) && aligned<T>(residual, wide) &&
        aligned<T>(bias, wide))
      return launch_add<T, wide>(x, bias, residual, rows, channels, stream);
    return launch_add<T, 1>(x, bias, residual, rows, channels, stream);
  });
}

}  // namespace velatura::ops::cuda
