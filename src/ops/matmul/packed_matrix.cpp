#include "ops/matmul/packed_matrix.h"

#include <ATen/Parallel.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstdint>

#include "core/block_cache.h"
#include "core/parallel.h"
#include "ops/element_of.h"
#include "ops/matmul/matmul.h"
#include "ops/onednn.h"
#include "ops/parts_of.h"
#include "ops/processor.h"

namespace velatura::ops {
namespace {

constexpr std::int64_t kStrip = MatmulKernel::strip;

// Of one part: its stretches of x stay in a core's cache, beside those of y.
constexpr std::int64_t kMostRows = 192, kMostStrips = 20;

constexpr std::int64_t kPartsAThread = 4;

const MatmulKernel* matmul_kernel() {
  static const MatmulKernel* const found =
      widest_vectors() == Vectors::avx2 ? matmul_avx2() : nullptr;
  return found;
}

void multiply(const MatmulTask& task) {
  const std::int64_t threads = at::get_num_threads();
  const std::int64_t rows = equal_part(task.rows, kMostRows, matmul_kernel()->rows);
  const std::int64_t row_parts = parts_of(task.rows, rows);
  const std::int64_t all_strips = parts_of(task.out, kStrip);
  const std::int64_t strips = std::clamp<std::int64_t>(
      parts_of(all_strips * row_parts, kPartsAThread * threads), 1, kMostStrips);
  const std::int64_t strip_parts = parts_of(all_strips, strips);
  // The larger of x and the weights comes from memory once, the other one from a cache again and again.
  const bool rows_first = task.rows >= task.out;
  parallel_for(0, row_parts * strip_parts, 1, [&](std::int64_t begin, std::int64_t end) {
    const MatmulPart largest{0, rows, 0, strips};
    at::Tensor scratch = at::empty({matmul_kernel()->scratch_size(largest)}, at::kFloat);
    for (std::int64_t part = begin; part < end; ++part) {
      const std::int64_t row = (rows_first ? part / strip_parts : part % row_parts) * rows;
      const std::int64_t strip = (rows_first ? part % strip_parts : part / row_parts) * strips;
      const MatmulPart piece{row, std::min(rows, task.rows - row), strip,
                             std::min(strips, all_strips - strip)};
      matmul_kernel()->multiply(task, piece, scratch.mutable_data_ptr<float>());
    }
  });
}

}  // namespace

bool PackedMatrix::suits(const at::Tensor& weight) {
  return matmul_kernel() != nullptr && weight.is_cpu() &&
         is_for_float32_kernels(weight.scalar_type());
}

PackedMatrix::PackedMatrix(const at::Tensor& weight) : out_(weight.size(0)) {
  const KeptMemory kept;
  const std::int64_t in = weight.size(1), strips = parts_of(out_, kStrip);
  const std::int64_t padding = strips * kStrip - out_;
  weight_ = (padding == 0 ? weight : at::constant_pad_nd(weight, {0, 0, 0, padding}))
                .reshape({strips, kStrip, in})
                .transpose(1, 2)
                .clone(at::MemoryFormat::Contiguous);
}

at::Tensor PackedMatrix::operator()(const at::Tensor& x, const at::Tensor& bias) const {
  TORCH_CHECK(x.size(-1) == weight_.size(1) && x.scalar_type() == weight_.scalar_type(),
              "matrix product: x ", x.scalar_type(), " ", x.sizes(), " with weights ",
              weight_.scalar_type(), " [", out_, ", ", weight_.size(1), "]");
  const at::Tensor rows = x.contiguous();
  auto sizes = x.sizes().vec();
  sizes.back() = out_;
  at::Tensor y = at::empty(sizes, x.options());
  if (y.numel() == 0) return y;
  multiply({.element = element_of(x.scalar_type()),
            .x = rows.const_data_ptr(),
            .weights = weight_.const_data_ptr(),
            .bias = bias.defined() ? bias.const_data_ptr() : nullptr,
            .y = y.mutable_data_ptr(),
            .rows = x.numel() / x.size(-1),
            .in = x.size(-1),
            .out = out_});
  return y;
}

}  // namespace velatura::ops
