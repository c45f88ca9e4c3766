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
constexpr std::int64_t kMostRows = 192, kMostStrips = 40;

constexpr std::int64_t kPartsAThread = 4;

constexpr std::int64_t kGroupsAtATime = 8;  // of rows that are rounded

const MatmulKernel* plain_kernel() {
  return widest_vectors() == Vectors::avx2 ? matmul_avx2() : nullptr;
}

const MatmulKernel* int8_kernel() {
  return computes_with_int8() ? matmul_int8_avx2() : nullptr;
}

const MatmulKernel* matmul_kernel(WeightForm form) {
  static const MatmulKernel* const plain = plain_kernel();
  static const MatmulKernel* const int8 = int8_kernel();
  return form == WeightForm::plain ? plain : int8;
}

void multiply(const MatmulKernel& kernel, MatmulTask task) {
  at::Tensor rounded;
  if (kernel.round != nullptr) {
    rounded = at::empty({kernel.rounded_size(task)}, at::kFloat);
    task.rounded = rounded.mutable_data_ptr<float>();
    parallel_for(0, parts_of(task.rows, kernel.rows), kGroupsAtATime,
                 [&](std::int64_t begin, std::int64_t end) { kernel.round(task, begin, end); });
  }
  const std::int64_t threads = at::get_num_threads();
  const std::int64_t rows = equal_part(task.rows, kMostRows, kernel.rows);
  const std::int64_t row_parts = parts_of(task.rows, rows);
  const std::int64_t all_strips = parts_of(task.out, kStrip);
  const std::int64_t strips = std::clamp<std::int64_t>(
      parts_of(all_strips * row_parts, kPartsAThread * threads), 1, kMostStrips);
  const std::int64_t strip_parts = parts_of(all_strips, strips);
  // The larger of x and the weights comes from memory once, the other one from a cache again and again.
  const bool rows_first = task.rows >= task.out;
  parallel_for(0, row_parts * strip_parts, 1, [&](std::int64_t begin, std::int64_t end) {
    const MatmulPart largest{0, rows, 0, strips};
    at::Tensor scratch = at::empty({kernel.scratch_size(largest)}, at::kFloat);
    for (std::int64_t part = begin; part < end; ++part) {
      const std::int64_t row = (rows_first ? part / strip_parts : part % row_parts) * rows;
      const std::int64_t strip = (rows_first ? part % strip_parts : part / row_parts) * strips;
      const MatmulPart piece{row, std::min(rows, task.rows - row), strip,
                             std::min(strips, all_strips - strip)};
      kernel.multiply(task, piece, scratch.mutable_data_ptr<float>());
    }
  });
}

}  // namespace

bool PackedMatrix::suits(const at::Tensor& weight, WeightForm form) {
  if (matmul_kernel(form) == nullptr || !weight.is_cpu()) return false;
  return form == WeightForm::int8 ? has_element(weight.scalar_type())
                                  : is_for_float32_kernels(weight.scalar_type());
}

PackedMatrix::PackedMatrix(const at::Tensor& weight, WeightForm form)
    : in_(weight.size(1)), out_(weight.size(0)), type_(weight.scalar_type()) {
  const KeptMemory kept;
  const std::int64_t strips = parts_of(out_, kStrip), padding = strips * kStrip - out_;
  if (form == WeightForm::int8) {
    const auto [numbers, scales] = to_int8(weight);
    const std::int64_t pairs = parts_of(in_, std::int64_t{2});
    scales_ = at::constant_pad_nd(scales, {0, padding});
    weight_ = at::constant_pad_nd(numbers, {0, 2 * pairs - in_, 0, padding})
                  .view({strips, kStrip, pairs, 2})
                  .transpose(1, 2)
                  .clone(at::MemoryFormat::Contiguous);
    return;
  }
  weight_ = (padding == 0 ? weight : at::constant_pad_nd(weight, {0, 0, 0, padding}))
                .reshape({strips, kStrip, in_})
                .transpose(1, 2)
                .clone(at::MemoryFormat::Contiguous);
}

at::Tensor PackedMatrix::operator()(const at::Tensor& x, const at::Tensor& bias) const {
  TORCH_CHECK(x.size(-1) == in_ && x.scalar_type() == type_, "matrix product: x ", x.scalar_type(),
              " ", x.sizes(), " with weights ", type_, " [", out_, ", ", in_, "]");
  const at::Tensor rows = x.contiguous();
  auto sizes = x.sizes().vec();
  sizes.back() = out_;
  at::Tensor y = at::empty(sizes, x.options());
  if (y.numel() == 0) return y;
  const bool is_int8 = scales_.defined();
  multiply(*matmul_kernel(is_int8 ? WeightForm::int8 : WeightForm::plain),
           {.element = element_of(type_),
            .x = rows.const_data_ptr(),
            .weights = weight_.const_data_ptr(),
            .scales = is_int8 ? scales_.const_data_ptr<float>() : nullptr,
            .bias = bias.defined() ? bias.const_data_ptr() : nullptr,
            .y = y.mutable_data_ptr(),
            .rows = x.numel() / in_,
            .in = in_,
            .out = out_});
  return y;
}

}  // namespace velatura::ops
