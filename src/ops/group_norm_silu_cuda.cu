#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "ops/group_norm_silu_cuda.h"

namespace velatura::ops::cuda {
namespace {

constexpr int max_chunks = 64;
constexpr int min_rows = 8;
constexpr int max_threads = 512;

__device__ float to_float(float value) {
  return value;
}
__device__ float to_float(__half value) {
  return __half2float(value);
}
__device__ float to_float(__nv_bfloat16 value) {
  return __bfloat162float(value);
}
__device__ void store(float value, float& out) {
  out = value;
}
__device__ void store(float value, __half& out) {
  out = __float2half_rn(value);
}
__device__ void store(float value, __nv_bfloat16& out) {
  out = __float2bfloat16_rn(value);
}

// Neighbouring channels that one thread reads and writes at once.
template <class T, int width>
struct alignas(sizeof(T) * width) Pack {
  T values[width];
};

// Mean and sum of squared deviations of `count` values, united pairwise (Chan, Golub & LeVeque 1979).
struct Moments {
  float mean, deviation, count;
};

__device__ Moments unite(Moments a, Moments b) {
  const float count = a.count + b.count;
  const float delta = b.mean - a.mean, share = b.count / count;
  return {a.mean + delta * share, a.deviation + b.deviation + delta * delta * a.count * share,
          count};
}

__device__ std::int64_t first_row(std::int64_t rows, int chunk, int chunks) {
  return rows * chunk / chunks;
}

// Grid (chunks, batch). Shared: [channels] means, then [channels] deviations.
template <class T, int width>
__global__ void sum_moments(const T* x, std::int64_t rows, int channels, int groups,
                            float* moments) {
  extern __shared__ float shared[];
  float* const means = shared;
  float* const deviations = shared + channels;
  const int chunk = blockIdx.x, chunks = gridDim.x;
  const std::int64_t begin = first_row(rows, chunk, chunks),
                     end = first_row(rows, chunk + 1, chunks);
  const T* const sample = x + blockIdx.y * rows * channels;

  for (int c = threadIdx.x * width; c < channels; c += blockDim.x * width) {
    // Sums of differences from the first value: no cancellation when the mean is far from zero.
    float origin[width], sum[width] = {}, sum_of_squares[width] = {};
    const auto first = *reinterpret_cast<const Pack<T, width>*>(sample + begin * channels + c);
    for (int i = 0; i < width; ++i) origin[i] = to_float(first.values[i]);
#pragma unroll 4
    for (std::int64_t row = begin; row < end; ++row) {
      const auto pack = *reinterpret_cast<const Pack<T, width>*>(sample + row * channels + c);
      for (int i = 0; i < width; ++i) {
        const float difference = to_float(pack.values[i]) - origin[i];
        sum[i] += difference;
        sum_of_squares[i] += difference * difference;
      }
    }
    const float count = static_cast<float>(end - begin);
    for (int i = 0; i < width; ++i) {
      means[c + i] = origin[i] + sum[i] / count;
      // fmaxf drops a NaN, but the mean is NaN then too.
      deviations[c + i] = fmaxf(sum_of_squares[i] - sum[i] * (sum[i] / count), 0.f);
    }
  }
  __syncthreads();

  const int group_channels = channels / groups;
  for (int group = threadIdx.x; group < groups; group += blockDim.x) {
    Moments total{0.f, 0.f, 0.f};
    for (int c = group * group_channels; c < (group + 1) * group_channels; ++c) {
      total = unite(total, {means[c], deviations[c], static_cast<float>(end - begin)});
    }
    float* const out =
        moments + 2 * ((static_cast<std::int64_t>(blockIdx.y) * chunks + chunk) * groups + group);
    out[0] = total.mean;
    out[1] = total.deviation;
  }
}

// Grid (blocks of rows, batch). Shared: [groups] means, then [groups] inverse deviations.
template <class T, int width>
__global__ void normalise(const T* x, T* y, const T* weight, const T* bias, std::int64_t rows,
                          int channels, int groups, float eps, bool silu, const float* moments,
                          int chunks) {
  extern __shared__ float shared[];
  float* const means = shared;
  float* const scales = shared + groups;
  const int group_channels = channels / groups;
  for (int group = threadIdx.x; group < groups; group += blockDim.x) {
    Moments total{0.f, 0.f, 0.f};
    for (int chunk = 0; chunk < chunks; ++chunk) {
      const float* const part =
          moments + 2 * ((static_cast<std::int64_t>(blockIdx.y) * chunks + chunk) * groups + group);
      const auto chunk_rows = first_row(rows, chunk + 1, chunks) - first_row(rows, chunk, chunks);
      total = unite(total, {part[0], part[1], static_cast<float>(chunk_rows * group_channels)});
    }
    means[group] = total.mean;
    scales[group] = rsqrtf(total.deviation / total.count + eps);
  }
  __syncthreads();

  const std::int64_t begin = first_row(rows, blockIdx.x, gridDim.x),
                     end = first_row(rows, blockIdx.x + 1, gridDim.x);
  const std::int64_t offset = blockIdx.y * rows * channels;
  for (int c = threadIdx.x * width; c < channels; c += blockDim.x * width) {
    float scale[width], shift[width];
    for (int i = 0; i < width; ++i) {
      const int group = (c + i) / group_channels;
      scale[i] = scales[group] * to_float(weight[c + i]);
      shift[i] = to_float(bias[c + i]) - means[group] * scale[i];
    }
#pragma unroll 4
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t at = offset + row * channels + c;
      auto pack = *reinterpret_cast<const Pack<T, width>*>(x + at);
      for (int i = 0; i < width; ++i) {
        float value = to_float(pack.values[i]) * scale[i] + shift[i];
        if (silu) value = value / (1.f + expf(-value));
        store(value, pack.values[i]);
      }
      *reinterpret_cast<Pack<T, width>*>(y + at) = pack;
    }
  }
}

template <class T, int width>
cudaError_t launch_as(const GroupNorm& norm, float* moments, cudaStream_t stream) {
  const int chunks = moment_chunks(norm.rows);
  const int lanes = norm.channels / width;
  const int passes = (lanes + max_threads - 1) / max_threads;
  const int threads = ((lanes + passes - 1) / passes + 31) / 32 * 32;
  const dim3 grid(chunks, static_cast<unsigned>(norm.batch));
  const auto* x = static_cast<const T*>(norm.x);
  sum_moments<T, width><<<grid, threads, 2 * norm.channels * sizeof(float), stream>>>(
      x, norm.rows, norm.channels, norm.groups, moments);
  const cudaError_t error = cudaGetLastError();
  if (error != cudaSuccess) return error;
  // Finer blocks than the moments': this kernel only streams.
  const auto blocks = static_cast<unsigned>(norm.rows < 4 * chunks ? norm.rows : 4 * chunks);
  normalise<T, width><<<dim3(blocks, grid.y), threads, 2 * norm.groups * sizeof(float), stream>>>(
      x, static_cast<T*>(norm.y), static_cast<const T*>(norm.weight),
      static_cast<const T*>(norm.bias), norm.rows, norm.channels, norm.groups, norm.eps, norm.silu,
      moments, chunks);
  return cudaGetLastError();
}

template <class T>
cudaError_t launch_type(const GroupNorm& norm, float* moments, cudaStream_t stream) {
  const auto aligned = [](const void* pointer) {
    return reinterpret_cast<std::uintptr_t>(pointer) % (2 * sizeof(T)) == 0;
  };
  // Pairs of channels stay pairs in every row only if the row's length is even.
  if (norm.channels % 2 == 0 && aligned(norm.x) && aligned(norm.y))
    return launch_as<T, 2>(norm, moments, stream);
  return launch_as<T, 1>(norm, moments, stream);
}

}  // namespace

int moment_chunks(std::int64_t rows) {
  const std::int64_t chunks = rows / min_rows;
  return static_cast<int>(chunks < 1 ? 1 : chunks > max_chunks ? max_chunks : chunks);
}

cudaError_t launch(const GroupNorm& norm, float* moments, cudaStream_t stream) {
  switch (norm.type) {
    case Type::float32:
      return launch_type<float>(norm, moments, stream);
    case Type::float16:
      return launch_type<__half>(norm, moments, stream);
    case Type::bfloat16:
      return launch_type<__nv_bfloat16>(norm, moments, stream);
  }
  return cudaErrorInvalidValue;
}

}  // namespace velatura::ops::cuda
