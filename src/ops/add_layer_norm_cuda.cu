#include "ops/add_layer_norm_cuda.h"
#include "ops/pack_cuda.cuh"

namespace velatura::ops::cuda {
namespace {

constexpr int kWarp = 32;
constexpr int kWarps = 4;  // rows of a block

__device__ float sum_of_warp(float value) {
  for (int lanes = kWarp / 2; lanes > 0; lanes /= 2) {
    value += __shfl_xor_sync(0xffffffffu, value, lanes);
  }
  return value;
}

template <class T>
struct Operands {
  const T *x, *residual, *weight, *bias;
  T *sum, *normed;
  std::int64_t rows;
  int channels;
  float eps;
};

// Shared: [kWarps, channels] of the sums, in packs, as a warp reads these without conflicts. Every lane
// reads there what it wrote itself.
template <class T, int width>
__global__ void add_and_normalise(Operands<T> of) {
  extern __shared__ float4 shared[];
  const int warp = static_cast<int>(threadIdx.x) / kWarp;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * kWarps + warp;
  // All warps take part in what lanes exchange; one without a row has none of its channels.
  const int channels = row < of.rows ? of.channels : 0;
  const std::int64_t offset = row * of.channels;
  auto* const sums = reinterpret_cast<Pack<T, width>*>(shared) + warp * (of.channels / width);

  float total = 0.f;
  for (int c = lane * width; c < channels; c += kWarp * width) {
    auto pack = load_pack<width>(of.x + offset + c);
    const auto more = load_pack<width>(of.residual + offset + c);
    for (int i = 0; i < width; ++i) {
      store(to_float(pack.values[i]) + to_float(more.values[i]), pack.values[i]);
      total += to_float(pack.values[i]);  // as the sum is rounded
    }
    sums[c / width] = pack;
    *reinterpret_cast<Pack<T, width>*>(of.sum + offset + c) = pack;
  }
  const float mean = sum_of_warp(total) / static_cast<float>(of.channels);
  float squares = 0.f;
  for (int c = lane * width; c < channels; c += kWarp * width) {
    const auto sum = sums[c / width];
    for (int i = 0; i < width; ++i) {
      const float difference = to_float(sum.values[i]) - mean;
      squares += difference * difference;
    }
  }
  const float scale = rsqrtf(sum_of_warp(squares) / static_cast<float>(of.channels) + of.eps);
  for (int c = lane * width; c < channels; c += kWarp * width) {
    const auto weight = load_pack<width>(of.weight + c), bias = load_pack<width>(of.bias + c);
    auto pack = sums[c / width];
    for (int i = 0; i < width; ++i) {
      const float normed = (to_float(pack.values[i]) - mean) * scale;
      store(normed * to_float(weight.values[i]) + to_float(bias.values[i]), pack.values[i]);
    }
    *reinterpret_cast<Pack<T, width>*>(of.normed + offset + c) = pack;
  }
}

template <class T, int width>
cudaError_t launch_as(const Operands<T>& of, cudaStream_t stream) {
  const auto blocks = static_cast<unsigned>((of.rows + kWarps - 1) / kWarps);
  const auto bytes = kWarps * static_cast<unsigned>(of.channels) * sizeof(T);
  add_and_normalise<T, width><<<blocks, kWarps * kWarp, bytes, stream>>>(of);
  return cudaGetLastError();
}

template <class T>
cudaError_t launch_type(const AddLayerNorm& norm, cudaStream_t stream) {
  const Operands<T> of{static_cast<const T*>(norm.x),
                       static_cast<const T*>(norm.residual),
                       static_cast<const T*>(norm.weight),
                       static_cast<const T*>(norm.bias),
                       static_cast<T*>(norm.sum),
                       static_cast<T*>(norm.normed),
                       norm.rows,
                       norm.channels,
                       norm.eps};
  bool wide = norm.channels % widest<T> == 0;
  for (const void* pointer :
       {norm.x, norm.residual, norm.weight, norm.bias, static_cast<const void*>(norm.sum),
        static_cast<const void*>(norm.normed)}) {
    wide = wide && aligned<T>(pointer, widest<T>);
  }
  return wide ? launch_as<T, widest<T>>(of, stream) : launch_as<T, 1>(of, stream);
}

}  // namespace

cudaError_t launch(const AddLayerNorm& norm, cudaStream_t stream) {
  switch (norm.type) {
    case Type::float32:
      return launch_type<float>(norm, stream);
    case Type::float16:
      return launch_type<__half>(norm, stream);
    case Type::bfloat16:
      return launch_type<__nv_bfloat16>(norm, stream);
  }
  return cudaErrorInvalidValue;
}

}  // namespace velatura::ops::cuda
