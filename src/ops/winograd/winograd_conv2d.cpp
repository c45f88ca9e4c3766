#include "ops/winograd/winograd_conv2d.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "core/environment.h"
#include "core/parallel.h"
#include "ops/winograd/winograd.h"
#include "velatura/error.h"

namespace velatura::ops {
namespace {

// Channels are to be multiples of the widest vector, so that all processors take the same way.
constexpr std::int64_t kChannels = 16;

// Pairs of channels whose weights are transformed at a time: 20 MiB. Tiles are read anew for the next.
constexpr std::int64_t kMostPairs = std::int64_t{320} << 10;

constexpr std::int64_t kGrain = std::int64_t{1} << 20;  // floats

// Of a picture. With fewer, transforming the weight takes as long as is won.
constexpr std::int64_t kFewestTiles = 256;

// Tiles that are worked on together: one point of all their input channels is to fit into the second cache.
constexpr std::int64_t kTileFloats = std::int64_t{64} << 10, kRows = 12;

const WinogradKernel* find_kernel() {
  const std::string asked = environment("VELATURA_WINOGRAD");
  if (!asked.empty() && asked != "on" && asked != "off")
    throw UsageError("VELATURA_WINOGRAD=" + asked + ": expected on or off");
  if (asked == "off") return nullptr;
  const std::string capability = at::get_cpu_capability();
  if (capability == "AVX512") return winograd_avx512();
  return capability == "AVX2" ? winograd_avx2() : nullptr;
}

const WinogradKernel* kernel() {
  static const WinogradKernel* const found = find_kernel();
  return found;
}

std::int64_t tiles_of(std::int64_t batch, std::int64_t height, std::int64_t width) {
  return batch * ((height + 1) / 2) * ((width + 1) / 2);
}

std::int64_t tiles_at_a_time(std::int64_t tiles, std::int64_t in_channels) {
  const std::int64_t near =
      std::clamp(kTileFloats / in_channels / kRows, std::int64_t{2}, std::int64_t{6});
  const std::int64_t threads = at::get_num_threads();
  return std::min(near * kRows, (tiles + threads - 1) / threads);
}

std::int64_t rounded_up(std::int64_t number, std::int64_t multiple) {
  return (number + multiple - 1) / multiple * multiple;
}

// Where it is large, of few different sizes, so that the allocator has them at hand.
at::Tensor working_memory(std::int64_t floats) {
  return at::empty({floats > kGrain ? rounded_up(floats, kGrain) : floats}, at::kFloat);
}

// The task's output channels, of which `weight` is [out, in, 3, 3].
void convolve(WinogradTask task, const float* weight) {
  const std::int64_t in = task.in_channels, out = task.out_channels, strip = kernel()->strip;
  const std::int64_t strips = (out + strip - 1) / strip;
  at::Tensor packed = working_memory(16 * strips * strip * in);
  auto* const weights = packed.mutable_data_ptr<float>();
  parallel_for(0, strips, 1, [&](std::int64_t begin, std::int64_t end) {
    kernel()->pack(weight, weights, in, out, begin, end);
  });
  task.weights = weights;
  const std::int64_t tiles = tiles_of(task.batch, task.height, task.width);
  const std::int64_t at_a_time = tiles_at_a_time(tiles, in);
  const std::int64_t blocks = (tiles + at_a_time - 1) / at_a_time;
  parallel_for(0, blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    at::Tensor scratch = working_memory(kernel()->scratch_size(task, at_a_time));
    kernel()->convolve(task, scratch.mutable_data_ptr<float>(), at_a_time, begin * at_a_time,
                       std::min(tiles, end * at_a_time));
  });
}

}  // namespace

bool suits_winograd(const at::Tensor& weight) {
  return kernel() != nullptr && weight.is_cpu() && weight.scalar_type() == at::kFloat &&
         weight.size(2) == 3 && weight.size(3) == 3 && weight.size(0) % kChannels == 0 &&
         weight.size(1) % kChannels == 0;
}

bool gains_by_winograd(at::IntArrayRef size) {
  return tiles_of(1, size[2], size[3]) >= kFewestTiles;
}

at::Tensor winograd_conv2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  const std::int64_t in = weight.size(1), out = weight.size(0), strip = kernel()->strip;
  const at::Tensor input = x.contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor kernels = weight.contiguous();
  at::Tensor result = at::empty({x.size(0), out, x.size(2), x.size(3)},
                                x.options().memory_format(at::MemoryFormat::ChannelsLast));
  const std::int64_t parts = (in * out + kMostPairs - 1) / kMostPairs;
  const std::int64_t at_a_time = rounded_up((out + parts - 1) / parts, strip);
  for (std::int64_t first = 0; first < out; first += at_a_time) {
    convolve({.x = input.const_data_ptr<float>(),
              .weights = nullptr,
              .bias = bias.defined() ? bias.const_data_ptr<float>() + first : nullptr,
              .out = result.mutable_data_ptr<float>() + first,
              .batch = x.size(0),
              .height = x.size(2),
              .width = x.size(3),
              .in_channels = in,
              .out_channels = std::min(at_a_time, out - first),
              .out_stride = out},
             kernels.const_data_ptr<float>() + first * in * 9);
  }
  return result;
}

}  // namespace velatura::ops
