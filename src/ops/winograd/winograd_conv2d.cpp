#include "ops/winograd/winograd_conv2d.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "core/block_cache.h"
#include "core/environment.h"
#include "core/parallel.h"
#include "ops/element_of.h"
#include "ops/onednn.h"
#include "ops/parts_of.h"
#include "ops/processor.h"
#include "ops/winograd/winograd.h"
#include "velatura/error.h"

namespace velatura::ops {
namespace {

// Of what tiles see, which stays in a cache while all output channels are computed with it: 8 MiB.
constexpr std::int64_t kSeenFloats = std::int64_t{2} << 20;

// Tiles with which a thread uses the weights that it has transformed.
constexpr std::int64_t kMostTiles = 96, kFewestTiles = 24;

constexpr std::int64_t kGrain = std::int64_t{1} << 18;  // floats

const WinogradKernel* find_winograd_kernel(WeightForm form) {
  const std::string asked = environment("VELATURA_WINOGRAD");
  if (!asked.empty() && asked != "on" && asked != "off")
    throw UsageError("VELATURA_WINOGRAD=" + asked + ": expected on or off");
  if (asked == "off") return nullptr;
  const bool int8 = form == WeightForm::int8;
  switch (widest_vectors()) {
    case Vectors::avx512:
      return int8 ? winograd_int8_avx512() : winograd_avx512();
    case Vectors::avx2:
      return int8 ? winograd_int8_avx2() : winograd_avx2();
    case Vectors::none:
      return nullptr;
  }
  return nullptr;
}

const WinogradKernel* winograd_kernel(WeightForm form) {
  static const WinogradKernel* const plain = find_winograd_kernel(WeightForm::plain);
  static const WinogradKernel* const int8 = find_winograd_kernel(WeightForm::int8);
  return form == WeightForm::int8 ? int8 : plain;
}

// Where it is large, of few different sizes, so that the allocator has them at hand.
at::Tensor working_memory(std::int64_t floats) {
  return at::empty({floats > kGrain ? parts_of(floats, kGrain) * kGrain : floats}, at::kFloat);
}

// So few that all threads have something to do. As in all such parts, nearly all tiles are multiplied by as many
// at once as suit the processor.
std::int64_t tiles_at_a_time(const WinogradKernel& kernel, std::int64_t tiles,
                             std::int64_t groups) {
  const std::int64_t shared = parts_of(tiles * groups, std::int64_t{3} * at::get_num_threads());
  return equal_part(tiles, std::clamp(shared, kFewestTiles, kMostTiles), kernel.rows);
}

void convolve(const WinogradKernel& kernel, const WinogradTask& task) {
  const std::int64_t all_tiles = task.batch * parts_of(task.height, WinogradKernel::side) *
                                 parts_of(task.width, WinogradKernel::side);
  const std::int64_t near = std::max(kSeenFloats / kernel.seen_size(task, 1), kMostTiles);
  const std::int64_t most = equal_part(all_tiles, near, kernel.rows);
  const std::int64_t groups = parts_of(task.out_channels, WinogradKernel::group);
  at::Tensor memory = working_memory(kernel.seen_size(task, most));
  auto* const seen = memory.mutable_data_ptr<float>();
  for (std::int64_t first = 0; first < all_tiles; first += most) {
    const WinogradTiles tiles{first, std::min(most, all_tiles - first)};
    parallel_for(0, tiles.count, 1, [&](std::int64_t begin, std::int64_t end) {
      kernel.see(task, tiles, seen, begin, end);
    });
    const std::int64_t at_a_time = tiles_at_a_time(kernel, tiles.count, groups);
    const std::int64_t shares = parts_of(tiles.count, at_a_time);
    parallel_for(0, groups * shares, 1, [&](std::int64_t begin, std::int64_t end) {
      at::Tensor scratch = working_memory(kernel.scratch_size(task, at_a_time));
      for (std::int64_t part = begin; part < end; ++part) {
        const std::int64_t start = part % shares * at_a_time;
        kernel.convolve(task, tiles, seen, scratch.mutable_data_ptr<float>(), part / shares, start,
                        std::min(start + at_a_time, tiles.count));
      }
    });
  }
}

}  // namespace

bool WinogradConv2d::suits(const at::Tensor& weight, WeightForm form) {
  const bool suits_type = form == WeightForm::int8 ? has_element(weight.scalar_type())
                                                   : is_for_float32_kernels(weight.scalar_type());
  return winograd_kernel(form) != nullptr && weight.is_cpu() && suits_type && weight.size(2) == 3 &&
         weight.size(3) == 3 && weight.size(0) % WinogradKernel::block == 0 &&
         weight.size(1) % WinogradKernel::block == 0;
}

WinogradConv2d::WinogradConv2d(const at::Tensor& weight, at::Tensor bias, WeightForm form)
    : type_(weight.scalar_type()), bias_(std::move(bias)) {
  const KeptMemory kept;
  const std::int64_t blocks = weight.size(0) / WinogradKernel::block;
  at::Tensor numbers = weight;
  if (form == WeightForm::int8) {
    Int8Weight bytes = to_int8(weight);
    numbers = std::move(bytes.numbers);
    scales_ = std::move(bytes.scales);
    point_scales_ = at::empty({WinogradKernel::points, weight.size(0)}, at::kFloat);
  }
  weight_ = numbers.reshape({blocks, WinogradKernel::block, weight.size(1), 9})
                .permute({0, 2, 3, 1})
                .clone(at::MemoryFormat::Contiguous);
  if (form == WeightForm::plain) return;
  WinogradTask task{};
  task.weights = weight_.const_data_ptr();
  task.in_channels = weight.size(1);
  task.out_channels = weight.size(0);
  parallel_for(0, blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    winograd_kernel(form)->measure(task, point_scales_.mutable_data_ptr<float>(), begin, end);
  });
}

at::Tensor WinogradConv2d::convolve(const at::Tensor& x, const at::Tensor& bias,
                                    std::int64_t enlarged) const {
  TORCH_CHECK(x.size(1) == weight_.size(1) && x.scalar_type() == type_, "convolution: x ",
              x.scalar_type(), " ", x.sizes(), " with weights ", type_, " of ", weight_.size(1),
              " channels");
  const std::int64_t height = x.size(2) * enlarged, width = x.size(3) * enlarged;
  const at::Tensor input = x.contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor nothing = at::zeros({x.size(1)}, x.options());
  at::Tensor result = at::empty({x.size(0), weight_.size(0) * WinogradKernel::block, height, width},
                                x.options().memory_format(at::MemoryFormat::ChannelsLast));
  const bool is_int8 = scales_.defined();
  ops::convolve(*winograd_kernel(is_int8 ? WeightForm::int8 : WeightForm::plain),
                {.element = element_of(x.scalar_type()),
                 .x = input.const_data_ptr(),
                 .weights = weight_.const_data_ptr(),
                 .scales = is_int8 ? scales_.const_data_ptr<float>() : nullptr,
                 .point_scales = is_int8 ? point_scales_.const_data_ptr<float>() : nullptr,
                 .bias = bias.defined() ? bias.const_data_ptr() : nullptr,
                 .nothing = nothing.const_data_ptr(),
                 .out = result.mutable_data_ptr(),
                 .batch = x.size(0),
                 .height = height,
                 .width = width,
                 .enlarged = enlarged,
                 .in_channels = x.size(1),
                 .out_channels = result.size(1)});
  return result;
}

}  // namespace velatura::ops
