#include "ops/group_norm_silu_cuda.h"
#include "ops/pack_cuda.cuh"

namespace velatura::ops::cuda {
namespace {

constexpr int kMostChunks = 128;
constexpr int kFewestRows = 8;     // of a chunk
constexpr int kMostThreads = 512;  // of a block
constexpr int kBlocksOfSm = 2;     // at least, whatever registers that leaves a thread
constexpr int kWarp = 32;
constexpr int kTeam = 16;                              // lanes that unite moments
constexpr int kPartials = 3 * (kMostThreads / kTeam);  // floats: a team's moments
constexpr int kSharedFloats = 2 * most_channels;       // without the partials
constexpr int kSmallMap = 1024;                        // rows that one block sums
constexpr unsigned kBlocks = 128;                      // enough to keep a GPU busy
constexpr int kMostParts = 4;                          // blocks that sum the same, of a small map
constexpr int kRowsOfThread = 4;                       // at least, where a kernel only streams

/// Mean and sum of squared deviations of `count` values.
struct Moments {
  float mean, deviation, count;
};

__device__ float sum_of_team(float value) {
  for (int lanes = kTeam / 2; lanes > 0; lanes /= 2) {
    value += __shfl_xor_sync(0xffffffffu, value, lanes);
  }
  return value;
}

// Two passes, as in Chan, Golub & LeVeque 1979: first the mean, as differences from one of the means,
// then the deviations from it. Every lane of the team gets the same.
__device__ Moments unite_team(Moments of_lane) {
  const float origin = __shfl_sync(0xffffffffu, of_lane.mean, 0, kTeam);
  const float count = sum_of_team(of_lane.count);
  const float sum = sum_of_team(of_lane.count * (of_lane.mean - origin));
  const float mean = count > 0.f ? origin + sum / count : 0.f;
  const float difference = of_lane.mean - mean;
  return {mean, sum_of_team(of_lane.deviation + of_lane.count * difference * difference), count};
}

// The same of the entries first, first + step, … before end, which this lane looks at; `unrolled` of them at
// once.
template <int unrolled, class Entry>
__device__ Moments unite_entries(int first, int step, int end, const Entry& entry) {
  const float origin = first < end ? entry(first).mean : 0.f;
  float count = 0.f, sum = 0.f, deviation = 0.f;
#pragma unroll unrolled
  for (int i = first; i < end; i += step) {
    const Moments one = entry(i);
    count += one.count;
    sum += one.count * (one.mean - origin);
  }
  const float mean = count > 0.f ? origin + sum / count : 0.f;
#pragma unroll unrolled
  for (int i = first; i < end; i += step) {
    const Moments one = entry(i);
    const float difference = one.mean - mean;
    deviation += one.deviation + one.count * difference * difference;
  }
  return {mean, deviation, count};
}

__device__ int thread_number() {
  return static_cast<int>(threadIdx.y * blockDim.x + threadIdx.x);
}

__device__ int teams() {
  return static_cast<int>(blockDim.x * blockDim.y) / kTeam;
}

/// The groups that a pack's channels are of.
struct GroupCursor {
  int group, place, group_channels;  // place: of the channel in its group

  __device__ GroupCursor(int channel, int channels_of_group)
      : group(channel / channels_of_group),
        place(channel % channels_of_group),
        group_channels(channels_of_group) {}

  __device__ void advance() {
    if (++place < group_channels) return;
    place = 0;
    ++group;
  }
};

/// Some rows of some neighbouring channels of a sample: what a block works on. Its threads are packs of
/// channels times rows.
template <class T>
struct Slab {
  const T* x;       // of the first channel in the sample's first row
  const T* addend;  // of the first channel; null: nothing is added
  int stride;       // channels of a row
  int channels, group_channels;
  int begin, end;  // rows

  template <int width>
  __device__ void load(int row, int c, const float* add, float* values) const {
    const auto pack = load_pack<width>(x + static_cast<std::int64_t>(row) * stride + c);
#pragma unroll
    for (int i = 0; i < width; ++i) values[i] = to_float(pack.values[i]) + add[i];
  }

  template <int width>
  __device__ void load_addend(int c, float* add) const {
    if (addend == nullptr) {
#pragma unroll
      for (int i = 0; i < width; ++i) add[i] = 0.f;
      return;
    }
    const auto pack = load_pack<width>(addend + c);
#pragma unroll
    for (int i = 0; i < width; ++i) add[i] = to_float(pack.values[i]);
  }
};

// Moments of every channel, as each row of threads sees it: [groups, blockDim.y, channels of a group]
// means in shared memory, and as many deviations behind them.
template <class T, int width>
__device__ void sum_by_channel(const Slab<T>& slab, float* shared) {
  float* const means = shared;
  float* const deviations = shared + blockDim.y * slab.channels;
  const int down = static_cast<int>(blockDim.y), begin = slab.begin + static_cast<int>(threadIdx.y);
  const auto count =
      static_cast<float>(begin < slab.end ? (slab.end - begin + down - 1) / down : 0);
  const float share = count > 0.f ? 1.f / count : 0.f;
  for (int c = threadIdx.x * width; c < slab.channels; c += blockDim.x * width) {
    // Sums of differences from the first value: no cancellation when the mean is far from zero.
    float add[width], origin[width] = {}, sum[width] = {}, sum_of_squares[width] = {};
    slab.template load_addend<width>(c, add);
    if (count > 0.f) slab.template load<width>(begin, c, add, origin);
#pragma unroll 4
    for (int row = begin; row < slab.end; row += down) {
      float values[width];
      slab.template load<width>(row, c, add, values);
#pragma unroll
      for (int i = 0; i < width; ++i) {
        const float difference = values[i] - origin[i];
        sum[i] += difference;
        sum_of_squares[i] += difference * difference;
      }
    }
    GroupCursor cursor(c, slab.group_channels);
#pragma unroll
    for (int i = 0; i < width; ++i, cursor.advance()) {
      const int at = (cursor.group * down + static_cast<int>(threadIdx.y)) * slab.group_channels +
                     cursor.place;
      means[at] = origin[i] + sum[i] * share;
      // fmaxf drops a NaN, but the mean is NaN then too.
      deviations[at] = fmaxf(sum_of_squares[i] - sum[i] * (sum[i] * share), 0.f);
    }
  }
}

// Moments of each of the slab's groups after sum_by_channel(), each by as many teams as there are for
// it; finish(group, moments) is called by one thread. All of the block take part.
template <class T, class Finish>
__device__ void unite_groups(const Slab<T>& slab, const float* shared, float* partials,
                             const Finish& finish) {
  const int down = static_cast<int>(blockDim.y);
  const int values = down * slab.group_channels;  // of a group
  const float* const deviations = shared + down * slab.channels;
  // Threads of the first rows have one row more than those after them.
  const int rows = slab.end - slab.begin, each = rows / down;
  const int with_more = rows % down * slab.group_channels;
  const auto more = static_cast<float>(each + 1), fewer = static_cast<float>(each);

  const int groups = slab.channels / slab.group_channels;
  const int helpers = teams() > groups ? teams() / groups : 1;  // teams of a group
  const int lane = thread_number() % kTeam, team = thread_number() / kTeam;
  // The same number of rounds for all teams: whole warps take part in what lanes exchange.
  for (int first = 0; first < groups * helpers; first += teams()) {
    const int unit = first + team;
    const bool is_idle = unit >= groups * helpers;
    const int group = is_idle ? 0 : unit / helpers;
    const int begin = group * values;
    const Moments united = unite_team(
        unite_entries<4>(begin + (unit % helpers) * kTeam + lane, helpers * kTeam, begin + values,
                         [&](int i) -> Moments {
                           return {shared[i], deviations[i], i - begin < with_more ? more : fewer};
                         }));
    if (is_idle || lane != 0) continue;
    if (helpers == 1) {
      finish(group, united);
    } else {
      partials[3 * unit] = united.mean;
      partials[3 * unit + 1] = united.deviation;
      partials[3 * unit + 2] = united.count;
    }
  }
  if (helpers == 1) return;
  __syncthreads();
  // There are more teams than groups.
  const int group = team < groups ? team : 0;
  const Moments united = unite_team(unite_entries<1>(
      group * helpers + lane, kTeam, (group + 1) * helpers, [&](int unit) -> Moments {
        return {partials[3 * unit], partials[3 * unit + 1], partials[3 * unit + 2]};
      }));
  if (team < groups && lane == 0) finish(group, united);
}

// In half precision by the GPU's own approximations, whose errors are far below its rounding.
template <class T>
__device__ float silu_of(float x) {
  return __fdividef(x, 1.f + __expf(-x));
}

template <>
__device__ float silu_of<float>(float x) {
  return x / (1.f + expf(-x));
}

// Rows of a slab with the statistics of its groups, by which each is first shifted and then scaled.
template <class T, int width, bool silu>
__device__ void normalise_rows(const Slab<T>& slab, T* y, const T* weight, const T* bias,
                               const float* means, const float* scales) {
  for (int c = threadIdx.x * width; c < slab.channels; c += blockDim.x * width) {
    float add[width], scale[width], shift[width];
    slab.template load_addend<width>(c, add);
    const auto weights = load_pack<width>(weight + c), biases = load_pack<width>(bias + c);
    GroupCursor cursor(c, slab.group_channels);
#pragma unroll
    for (int i = 0; i < width; ++i, cursor.advance()) {
      scale[i] = scales[cursor.group] * to_float(weights.values[i]);
      shift[i] = to_float(biases.values[i]) - means[cursor.group] * scale[i];
    }
#pragma unroll 4
    for (int row = slab.begin + static_cast<int>(threadIdx.y); row < slab.end;
         row += static_cast<int>(blockDim.y)) {
      float values[width];
      slab.template load<width>(row, c, add, values);
      Pack<T, width> pack;
#pragma unroll
      for (int i = 0; i < width; ++i) {
        const float value = values[i] * scale[i] + shift[i];
        store(silu ? silu_of<T>(value) : value, pack.values[i]);
      }
      *reinterpret_cast<Pack<T, width>*>(y + static_cast<std::int64_t>(row) * slab.stride + c) =
          pack;
    }
  }
}

/// The operands of a launch, typed.
template <class T>
struct Operands {
  const T *x, *weight, *bias, *addend;
  T* y;
  bool addend_of_each;
  int rows, channels, groups;
  float eps;

  // Of block blockIdx.y's sample: the rows from begin on, `count` of them where there are as many.
  __device__ Slab<T> slab(int first_channel, int slab_channels, int begin, int count) const {
    const std::int64_t sample = blockIdx.y;
    const T* const add = addend == nullptr
                             ? nullptr
                             : addend + first_channel + (addend_of_each ? sample * channels : 0);
    return {x + sample * rows * channels + first_channel,
            add,
            channels,
            slab_channels,
            channels / groups,
            begin,
            begin + count < rows ? begin + count : rows};
  }
};

// Grid (chunks, batch). Shared: as sum_by_channel(), then partials.
template <class T, int width>
__global__ void __launch_bounds__(kMostThreads, kBlocksOfSm)
    sum_moments(Operands<T> of, float2* moments, int chunk_rows) {
  extern __shared__ float shared[];
  const int chunk = blockIdx.x, chunks = gridDim.x;
  const auto slab = of.slab(0, of.channels, chunk * chunk_rows, chunk_rows);
  sum_by_channel<T, width>(slab, shared);
  __syncthreads();
  float2* const out =
      moments + (static_cast<std::int64_t>(blockIdx.y) * chunks + chunk) * of.groups;
  unite_groups(slab, shared, shared + 2 * blockDim.y * of.channels,
               [&](int group, const Moments& total) {
                 out[group] = make_float2(total.mean, total.deviation);
               });
}

// Grid (blocks of rows, batch). Shared: [groups] means, then [groups] inverse deviations.
template <class T, int width, bool silu>
__global__ void __launch_bounds__(kMostThreads, kBlocksOfSm)
    normalise(Operands<T> of, const float2* moments, int chunks, int chunk_rows, int block_rows) {
  extern __shared__ float shared[];
  float* const means = shared;
  float* const scales = shared + of.groups;
  const int group_channels = of.channels / of.groups;
  const int lane = thread_number() % kTeam;
  const float2* const parts = moments + static_cast<std::int64_t>(blockIdx.y) * chunks * of.groups;
  for (int first = 0; first < of.groups; first += teams()) {
    const int unit = first + thread_number() / kTeam;
    const int group = unit < of.groups ? unit : 0;
    // All loads are under way before the first is waited for.
    constexpr int kOfLane = kMostChunks / kTeam;
    float2 part[kOfLane];
#pragma unroll
    for (int i = 0; i < kOfLane; ++i) {
      const int chunk = lane + i * kTeam;
      if (chunk < chunks) part[i] = parts[chunk * of.groups + group];
    }
    const Moments total = unite_team(unite_entries<kOfLane>(0, 1, kOfLane, [&](int i) -> Moments {
      const int left = of.rows - (lane + i * kTeam) * chunk_rows;
      if (left <= 0) return {0.f, 0.f, 0.f};
      return {part[i].x, part[i].y,
              static_cast<float>((left < chunk_rows ? left : chunk_rows) * group_channels)};
    }));
    if (unit >= of.groups || lane != 0) continue;
    means[group] = total.mean;
    scales[group] = rsqrtf(total.deviation / total.count + of.eps);
  }
  __syncthreads();
  const auto slab = of.slab(0, of.channels, static_cast<int>(blockIdx.x) * block_rows, block_rows);
  T* const y = of.y + static_cast<std::int64_t>(blockIdx.y) * of.rows * of.channels;
  normalise_rows<T, width, silu>(slab, y, of.weight, of.bias, means, scales);
}

// Grid (bundles of groups times parts, batch): each block sums all rows of a bundle and normalises a
// part of them. Shared: as sum_by_channel(), then means and inverse deviations of the bundle's groups, then
// partials.
template <class T, int width, bool silu>
__global__ void __launch_bounds__(kMostThreads, kBlocksOfSm)
    normalise_small(Operands<T> of, int bundle, int parts) {
  extern __shared__ float shared[];
  const int channels = bundle * (of.channels / of.groups);
  const int first_channel = static_cast<int>(blockIdx.x) / parts * channels;
  const auto slab = of.slab(first_channel, channels, 0, of.rows);
  float* const means = shared + 2 * blockDim.y * channels;
  float* const scales = means + bundle;
  sum_by_channel<T, width>(slab, shared);
  __syncthreads();
  unite_groups(slab, shared, scales + bundle, [&](int group, const Moments& total) {
    means[group] = total.mean;
    scales[group] = rsqrtf(total.deviation / total.count + of.eps);
  });
  __syncthreads();
  const int part_rows = (of.rows + parts - 1) / parts;
  const auto part =
      of.slab(first_channel, channels, static_cast<int>(blockIdx.x) % parts * part_rows, part_rows);
  T* const y = of.y + static_cast<std::int64_t>(blockIdx.y) * of.rows * of.channels + first_channel;
  normalise_rows<T, width, silu>(part, y, of.weight + first_channel, of.bias + first_channel, means,
                                 scales);
}

int chunk_rows(int rows) {
  const int each = (rows + kMostChunks - 1) / kMostChunks;
  return each < kFewestRows ? kFewestRows : each;
}

int common_divisor(int a, int b) {
  return b == 0 ? a : common_divisor(b, a % b);
}

/// Threads as packs of channels times rows: whole warps, and no more rows than shared memory holds
/// moments of.
dim3 block_for(int channels, int width, int rows, int shared_floats) {
  const int lanes = channels / width;
  const int passes = (lanes + kMostThreads - 1) / kMostThreads;
  int across = (lanes + passes - 1) / passes;
  // So many rows of threads are whole warps; where they are too many, idle threads make them whole.
  int step = kWarp / common_divisor(across, kWarp);
  if (across * step > kMostThreads || 2 * step * channels > shared_floats) {
    across = (across + kWarp - 1) / kWarp * kWarp;
    step = 1;
  }
  int down = kMostThreads / across;
  if (down > shared_floats / (2 * channels)) down = shared_floats / (2 * channels);
  if (down > rows) down = rows;
  down = down / step * step;
  if (down < step) down = step;
  return dim3(static_cast<unsigned>(across), static_cast<unsigned>(down));
}

// Neighbouring groups whose channels together are whole packs; 0 if there are none.
int bundle_of(const GroupNorm& norm, int width) {
  const int group_channels = norm.channels / norm.groups;
  for (int bundle = 1; bundle <= width && bundle <= norm.groups; ++bundle) {
    if (norm.groups % bundle == 0 && bundle * group_channels % width == 0) return bundle;
  }
  return 0;
}

template <class T, int width, bool silu>
cudaError_t launch_as(const GroupNorm& norm, float2* moments, cudaStream_t stream) {
  const Operands<T> of{static_cast<const T*>(norm.x),
                       static_cast<const T*>(norm.weight),
                       static_cast<const T*>(norm.bias),
                       static_cast<const T*>(norm.addend),
                       static_cast<T*>(norm.y),
                       norm.addend_of_each,
                       static_cast<int>(norm.rows),
                       norm.channels,
                       norm.groups,
                       norm.eps};
  const auto batch = static_cast<unsigned>(norm.batch);
  const int bundle = bundle_of(norm, width);
  const int bundled = bundle * (norm.channels / norm.groups);
  const auto rows = static_cast<int>(norm.rows);
  if (rows <= kSmallMap && bundle > 0 && 2 * kWarp * bundled + 2 * bundle <= kSharedFloats) {
    const dim3 block = block_for(bundled, width, rows, kSharedFloats - 2 * bundle);
    const auto floats =
        2 * (block.y * static_cast<unsigned>(bundled) + static_cast<unsigned>(bundle));
    const auto bundles = static_cast<unsigned>(norm.groups / bundle);
    int parts = 1;
    while (parts < kMostParts && bundles * batch * static_cast<unsigned>(parts) < kBlocks &&
           rows >= 2 * parts * static_cast<int>(block.y)) {
      parts *= 2;
    }
    normalise_small<T, width, silu>
        <<<dim3(bundles * static_cast<unsigned>(parts), batch), block,
           (floats + kPartials) * sizeof(float), stream>>>(of, bundle, parts);
    return cudaGetLastError();
  }
  const int chunks = moment_chunks(rows), rows_of_chunk = chunk_rows(rows);
  const dim3 block = block_for(norm.channels, width, rows_of_chunk, kSharedFloats);
  const auto floats = 2 * block.y * static_cast<unsigned>(norm.channels);
  sum_moments<T, width>
      <<<dim3(static_cast<unsigned>(chunks), batch), block, (floats + kPartials) * sizeof(float),
         stream>>>(of, moments, rows_of_chunk);
  const cudaError_t error = cudaGetLastError();
  if (error != cudaSuccess) return error;
  // Each block begins by uniting the moments, so there are no more blocks than are at work at once.
  const int fewest = kRowsOfThread * static_cast<int>(block.y);
  const int most_blocks = static_cast<int>((4 * kBlocks + batch - 1) / batch);
  const int rows_of_block = rows / most_blocks + 1 > fewest ? rows / most_blocks + 1 : fewest;
  const auto blocks = static_cast<unsigned>((rows + rows_of_block - 1) / rows_of_block);
  normalise<T, width, silu>
      <<<dim3(blocks, batch), block, 2 * norm.groups * sizeof(float), stream>>>(
          of, moments, chunks, rows_of_chunk, rows_of_block);
  return cudaGetLastError();
}

template <class T, int width>
cudaError_t launch_width(const GroupNorm& norm, float2* moments, cudaStream_t stream) {
  return norm.silu ? launch_as<T, width, true>(norm, moments, stream)
                   : launch_as<T, width, false>(norm, moments, stream);
}

// Packs stay packs in every row only if the row's length is a multiple of theirs. That of every published
// model is; another goes element by element, rather than by kernels of its own for pairs.
template <class T>
cudaError_t launch_type(const GroupNorm& norm, float2* moments, cudaStream_t stream) {
  bool fits = norm.channels % widest<T> == 0;
  for (const void* pointer :
       {norm.x, norm.weight, norm.bias, norm.addend, static_cast<const void*>(norm.y)}) {
    fits = fits && aligned<T>(pointer, widest<T>);
  }
  return fits ? launch_width<T, widest<T>>(norm, moments, stream)
              : launch_width<T, 1>(norm, moments, stream);
}

}  // namespace

int moment_chunks(int rows) {
  return (rows + chunk_rows(rows) - 1) / chunk_rows(rows);
}

cudaError_t launch(const GroupNorm& norm, float* scratch, cudaStream_t stream) {
  auto* const moments = reinterpret_cast<float2*>(scratch);
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
