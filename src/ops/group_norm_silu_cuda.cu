#include "ops/group_norm_silu_cuda.h"
#include "ops/pack_cuda.cuh"

namespace velatura::ops::cuda {
namespace {

constexpr int kMostChunks = 64;
constexpr int kFewestRows = 8;        // of a chunk
constexpr int kMostThreads = 512;     // of a block
constexpr int kSharedFloats = 12288;  // the 48 KiB that every GPU has
constexpr int kWarp = 32;
constexpr std::int64_t kSmallMap = 1024;  // rows that one block goes through

// Mean and sum of squared deviations of `count` values, united pairwise (Chan, Golub & LeVeque 1979).
struct Moments {
  float mean, deviation, count;
};

__device__ Moments unite(Moments a, Moments b) {
  const float count = a.count + b.count;
  if (count == 0.f) return a;
  const float delta = b.mean - a.mean, share = b.count / count;
  return {a.mean + delta * share, a.deviation + b.deviation + delta * delta * a.count * share,
          count};
}

// Of all threads of a warp, in each.
__device__ Moments unite_warp(Moments of_thread) {
  for (int lanes = kWarp / 2; lanes > 0; lanes /= 2) {
    const Moments other{__shfl_xor_sync(0xffffffffu, of_thread.mean, lanes),
                        __shfl_xor_sync(0xffffffffu, of_thread.deviation, lanes),
                        __shfl_xor_sync(0xffffffffu, of_thread.count, lanes)};
    of_thread = unite(of_thread, other);
  }
  return of_thread;
}

__device__ std::int64_t first_row(std::int64_t rows, int chunk, int chunks) {
  return rows * chunk / chunks;
}

/// Some rows of some neighbouring channels of a sample: what a block works on. Its threads are packs of
/// channels times rows.
template <class T>
struct Slab {
  const T* x;       // of the first channel in the sample's first row
  const T* addend;  // of the first channel; null: nothing is added
  int stride;       // channels of a row
  int channels;
  std::int64_t begin, end;  // rows

  template <int width>
  __device__ void load(std::int64_t row, int c, const float* add, float* values) const {
    const auto pack = load_pack<width>(x + row * stride + c);
    for (int i = 0; i < width; ++i) values[i] = to_float(pack.values[i]) + add[i];
  }

  template <int width>
  __device__ void load_addend(int c, float* add) const {
    for (int i = 0; i < width; ++i) add[i] = addend == nullptr ? 0.f : to_float(addend[c + i]);
  }
};

// How many of the rows begin, begin + stride, … lie before end.
__device__ float rows_from(std::int64_t begin, std::int64_t end, int stride) {
  return begin < end ? static_cast<float>((end - begin + stride - 1) / stride) : 0.f;
}

// Moments of every channel, as each row of threads sees it: [blockDim.y, channels] means in shared
// memory, and as many deviations behind them.
template <class T, int width>
__device__ void sum_by_channel(const Slab<T>& slab, float* shared) {
  float* const means = shared + threadIdx.y * slab.channels;
  float* const deviations = means + blockDim.y * slab.channels;
  const std::int64_t begin = slab.begin + threadIdx.y;
  const float count = rows_from(begin, slab.end, blockDim.y);
  for (int c = threadIdx.x * width; c < slab.channels; c += blockDim.x * width) {
    // Sums of differences from the first value: no cancellation when the mean is far from zero.
    float add[width], origin[width] = {}, sum[width] = {}, sum_of_squares[width] = {};
    slab.template load_addend<width>(c, add);
    if (count > 0.f) slab.template load<width>(begin, c, add, origin);
#pragma unroll 4
    for (std::int64_t row = begin; row < slab.end; row += blockDim.y) {
      float values[width];
      slab.template load<width>(row, c, add, values);
      for (int i = 0; i < width; ++i) {
        const float difference = values[i] - origin[i];
        sum[i] += difference;
        sum_of_squares[i] += difference * difference;
      }
    }
    const float divisor = count > 0.f ? count : 1.f;
    for (int i = 0; i < width; ++i) {
      means[c + i] = origin[i] + sum[i] / divisor;
      // fmaxf drops a NaN, but the mean is NaN then too.
      deviations[c + i] = fmaxf(sum_of_squares[i] - sum[i] * (sum[i] / divisor), 0.f);
    }
  }
}

__device__ int thread_number() {
  return static_cast<int>(threadIdx.y * blockDim.x + threadIdx.x);
}

__device__ int warps() {
  return static_cast<int>(blockDim.x * blockDim.y) / kWarp;
}

// What a warp unites of one group after sum_by_channel().
__device__ Moments moments_of_group(int group, int group_channels, int channels, std::int64_t begin,
                                    std::int64_t end, const float* shared) {
  const float* const deviations = shared + blockDim.y * channels;
  Moments total{0.f, 0.f, 0.f};
  const int values = static_cast<int>(blockDim.y) * group_channels;
  for (int i = thread_number() % kWarp; i < values; i += kWarp) {
    const int row = i / group_channels;
    const int at = row * channels + group * group_channels + i % group_channels;
    total = unite(total, {shared[at], deviations[at],
                          rows_from(begin + row, end, static_cast<int>(blockDim.y))});
  }
  return unite_warp(total);
}

// Rows of a slab with the statistics of its groups, by which each is first shifted and then scaled.
template <class T, int width>
__device__ void normalise_rows(const Slab<T>& slab, T* y, const T* weight, const T* bias,
                               int group_channels, const float* means, const float* scales,
                               bool silu) {
  for (int c = threadIdx.x * width; c < slab.channels; c += blockDim.x * width) {
    float add[width], scale[width], shift[width];
    slab.template load_addend<width>(c, add);
    for (int i = 0; i < width; ++i) {
      const int group = (c + i) / group_channels;
      scale[i] = scales[group] * to_float(weight[c + i]);
      shift[i] = to_float(bias[c + i]) - means[group] * scale[i];
    }
#pragma unroll 4
    for (std::int64_t row = slab.begin + threadIdx.y; row < slab.end; row += blockDim.y) {
      float values[width];
      slab.template load<width>(row, c, add, values);
      Pack<T, width> pack;
      for (int i = 0; i < width; ++i) {
        float value = values[i] * scale[i] + shift[i];
        if (silu) value = value / (1.f + expf(-value));
        store(value, pack.values[i]);
      }
      *reinterpret_cast<Pack<T, width>*>(y + row * slab.stride + c) = pack;
    }
  }
}

/// The operands of a launch, typed.
template <class T>
struct Operands {
  const T *x, *weight, *bias, *addend;
  T* y;
  bool addend_of_each, silu;
  std::int64_t rows;
  int channels, groups;
  float eps;

  // Of block blockIdx.y's sample.
  __device__ Slab<T> slab(int first_channel, int count, std::int64_t begin,
                          std::int64_t end) const {
    const std::int64_t sample = blockIdx.y;
    const T* const add = addend == nullptr
                             ? nullptr
                             : addend + first_channel + (addend_of_each ? sample * channels : 0);
    return {x + sample * rows * channels + first_channel, add, channels, count, begin, end};
  }
};

// Grid (chunks, batch).
template <class T, int width>
__global__ void sum_moments(Operands<T> of, float* moments) {
  extern __shared__ float shared[];
  const int chunk = blockIdx.x, chunks = gridDim.x;
  const auto slab = of.slab(0, of.channels, first_row(of.rows, chunk, chunks),
                            first_row(of.rows, chunk + 1, chunks));
  sum_by_channel<T, width>(slab, shared);
  __syncthreads();
  const int group_channels = of.channels / of.groups;
  // The same number of rounds for all warps: the whole block takes part in what warps exchange.
  for (int first = 0; first < of.groups; first += warps()) {
    const int group = first + thread_number() / kWarp;
    const Moments total = moments_of_group(group < of.groups ? group : 0, group_channels,
                                           of.channels, slab.begin, slab.end, shared);
    if (group >= of.groups || thread_number() % kWarp != 0) continue;
    float* const out =
        moments +
        2 * ((static_cast<std::int64_t>(blockIdx.y) * chunks + chunk) * of.groups + group);
    out[0] = total.mean;
    out[1] = total.deviation;
  }
}

// Grid (blocks of rows, batch). Shared: [groups] means, then [groups] inverse deviations.
template <class T, int width>
__global__ void normalise(Operands<T> of, const float* moments, int chunks) {
  extern __shared__ float shared[];
  float* const means = shared;
  float* const scales = shared + of.groups;
  const int group_channels = of.channels / of.groups;
  for (int first = 0; first < of.groups; first += warps()) {
    const int group = first + thread_number() / kWarp;
    Moments total{0.f, 0.f, 0.f};
    for (int chunk = thread_number() % kWarp; chunk < chunks && group < of.groups; chunk += kWarp) {
      const float* const part =
          moments +
          2 * ((static_cast<std::int64_t>(blockIdx.y) * chunks + chunk) * of.groups + group);
      const auto rows = first_row(of.rows, chunk + 1, chunks) - first_row(of.rows, chunk, chunks);
      total = unite(total, {part[0], part[1], static_cast<float>(rows * group_channels)});
    }
    total = unite_warp(total);
    if (group >= of.groups || thread_number() % kWarp != 0) continue;
    means[group] = total.mean;
    scales[group] = rsqrtf(total.deviation / total.count + of.eps);
  }
  __syncthreads();
  const auto slab = of.slab(0, of.channels, first_row(of.rows, blockIdx.x, gridDim.x),
                            first_row(of.rows, blockIdx.x + 1, gridDim.x));
  T* const y = of.y + blockIdx.y * of.rows * of.channels;
  normalise_rows<T, width>(slab, y, of.weight, of.bias, group_channels, means, scales, of.silu);
}

// Grid (bundles of groups, batch). Shared: as sum_by_channel(), then means and inverse deviations of
// the bundle's groups.
template <class T, int width>
__global__ void normalise_small(Operands<T> of, int bundle) {
  extern __shared__ float shared[];
  const int group_channels = of.channels / of.groups, channels = bundle * group_channels;
  const int first_channel = static_cast<int>(blockIdx.x) * channels;
  const auto slab = of.slab(first_channel, channels, 0, of.rows);
  float* const means = shared + 2 * blockDim.y * channels;
  float* const scales = means + bundle;
  sum_by_channel<T, width>(slab, shared);
  __syncthreads();
  for (int first = 0; first < bundle; first += warps()) {
    const int group = first + thread_number() / kWarp;
    const Moments total =
        moments_of_group(group < bundle ? group : 0, group_channels, channels, 0, of.rows, shared);
    if (group >= bundle || thread_number() % kWarp != 0) continue;
    means[group] = total.mean;
    scales[group] = rsqrtf(total.deviation / total.count + of.eps);
  }
  __syncthreads();
  T* const y = of.y + blockIdx.y * of.rows * of.channels + first_channel;
  normalise_rows<T, width>(slab, y, of.weight + first_channel, of.bias + first_channel,
                           group_channels, means, scales, of.silu);
}

/// Threads as packs of channels times rows: whole warps, and no more rows than shared memory holds
/// moments of.
dim3 block_for(int channels, int width, std::int64_t rows, int shared_floats) {
  const int lanes = channels / width;
  const int passes = (lanes + kMostThreads - 1) / kMostThreads;
  const int across = (lanes + passes - 1) / passes;
  std::int64_t down = kMostThreads / across;
  if (down > shared_floats / (2 * channels)) down = shared_floats / (2 * channels);
  if (down > rows) down = rows;
  if (down < 1) down = 1;
  // Idle threads make the warps whole: of across, or of down where that needs fewer.
  const auto rounded = static_cast<unsigned>((across + kWarp - 1) / kWarp * kWarp);
  dim3 block(static_cast<unsigned>(across), static_cast<unsigned>(down));
  if (block.x * block.y % kWarp == 0) return block;
  if (across > kWarp / 2) {
    block.x = rounded;
    while (block.x * block.y > kMostThreads && block.y > 1) --block.y;
    return block;
  }
  block.x = across <= 1 ? 1 : across <= 2 ? 2 : across <= 4 ? 4 : across <= 8 ? 8 : 16;
  const unsigned step = kWarp / block.x;
  block.y = (block.y + step - 1) / step * step;
  while (block.x * block.y > kMostThreads ||
         2 * block.y * static_cast<unsigned>(channels) > static_cast<unsigned>(shared_floats)) {
    if (block.y == step) break;
    block.y -= step;
  }
  return block;
}

// Neighbouring groups whose channels together are whole packs; 0 if there are none.
int bundle_of(const GroupNorm& norm, int width) {
  const int group_channels = norm.channels / norm.groups;
  for (int bundle = 1; bundle <= width && bundle <= norm.groups; ++bundle) {
    if (norm.groups % bundle == 0 && bundle * group_channels % width == 0) return bundle;
  }
  return 0;
}

template <class T, int width>
cudaError_t launch_as(const GroupNorm& norm, float* moments, cudaStream_t stream) {
  const Operands<T> of{static_cast<const T*>(norm.x),
                       static_cast<const T*>(norm.weight),
                       static_cast<const T*>(norm.bias),
                       static_cast<const T*>(norm.addend),
                       static_cast<T*>(norm.y),
                       norm.addend_of_each,
                       norm.silu,
                       norm.rows,
                       norm.channels,
                       norm.groups,
                       norm.eps};
  const auto batch = static_cast<unsigned>(norm.batch);
  const int bundle = bundle_of(norm, width);
  const int bundled = bundle * (norm.channels / norm.groups);
  if (norm.rows <= kSmallMap && bundle > 0 && 2 * kWarp * bundled + 2 * bundle <= kSharedFloats) {
    const dim3 block = block_for(bundled, width, norm.rows, kSharedFloats - 2 * bundle);
    const auto floats =
        2 * (block.y * static_cast<unsigned>(bundled) + static_cast<unsigned>(bundle));
    const auto bundles = static_cast<unsigned>(norm.groups / bundle);
    normalise_small<T, width>
        <<<dim3(bundles, batch), block, floats * sizeof(float), stream>>>(of, bundle);
    return cudaGetLastError();
  }
  const int chunks = moment_chunks(norm.rows);
  const dim3 block = block_for(norm.channels, width, norm.rows / chunks, kSharedFloats);
  const auto floats = 2 * block.y * static_cast<unsigned>(norm.channels);
  sum_moments<T, width>
      <<<dim3(static_cast<unsigned>(chunks), batch), block, floats * sizeof(float), stream>>>(
          of, moments);
  const cudaError_t error = cudaGetLastError();
  if (error != cudaSuccess) return error;
  // Finer blocks than the moments': this kernel only streams.
  const auto blocks = static_cast<unsigned>(norm.rows < 8 * chunks ? norm.rows : 8 * chunks);
  normalise<T, width><<<dim3(blocks, batch), block, 2 * norm.groups * sizeof(float), stream>>>(
      of, moments, chunks);
  return cudaGetLastError();
}

// Packs stay packs in every row only if the row's length is a multiple of theirs.
template <class T>
cudaError_t launch_type(const GroupNorm& norm, float* moments, cudaStream_t stream) {
  const auto fits = [&](int width) {
    return norm.channels % width == 0 && aligned<T>(norm.x, width) && aligned<T>(norm.y, width);
  };
  if (fits(widest<T>)) return launch_as<T, widest<T>>(norm, moments, stream);
  if (fits(2)) return launch_as<T, 2>(norm, moments, stream);
  return launch_as<T, 1>(norm, moments, stream);
}

}  // namespace

int moment_chunks(std::int64_t rows) {
  const std::int64_t chunks = rows / kFewestRows;
  return static_cast<int>(chunks < 1 ? 1 : chunks > kMostChunks ? kMostChunks : chunks);
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
