#pragma once

#include <cstdint>

#include "ops/element.h"

// Files that are compiled for one instruction set include this: types alone, no functions, of which
// the linker could take theirs for other processors.
namespace velatura::ops {

/// y = x · weights + bias
struct MatmulTask {
  Element element;      ///< of x, bias and y, and of the weights unless they have scales
  const void* x;        ///< [rows, in]
  const void* weights;  ///< [⌈out / strip⌉, in, strip], zeros beyond out
  /// [⌈out / strip⌉ · strip], by which each column's products are to be multiplied; the weights are int8 then,
  /// [⌈out / strip⌉, ⌈in / 2⌉, strip, 2], zeros beyond out and in. Null: none.
  const float* scales;
  const void* bias;  ///< [out] or null
  void* y;           ///< [rows, out]
  std::int64_t rows, in, out;
  float* rounded = nullptr;  ///< x as MatmulKernel::round() leaves it, rounded_size() floats
};

/// Some of the task's rows, and strips of columns.
struct MatmulPart {
  std::int64_t first_row, rows, first_strip, strips;
};

/// A matrix product on the CPU. What is computed for a row depends on nothing but its own inputs.
struct MatmulKernel {
  static constexpr std::int64_t strip = 16;  ///< columns whose weights lie together

  std::int64_t rows;  ///< that are multiplied at once

  /// Computes a part, for threads to share. @param scratch  of this thread, scratch_size(part) floats
  void (*multiply)(const MatmulTask& task, const MatmulPart& part, float* scratch);
  std::int64_t (*scratch_size)(const MatmulPart& part);

  /// Null: x is taken as it is. Else to be called before multiply() for all ⌈task.rows / rows⌉ groups of rows, for
  /// threads to share.
  void (*round)(const MatmulTask& task, std::int64_t begin, std::int64_t end) = nullptr;
  std::int64_t (*rounded_size)(const MatmulTask& task) = nullptr;
};

/// With sums in float32; and with int8 weights, where x becomes whole numbers of 16 bits for each 320 of a row,
/// whose products are added up exactly. Null where the compiler does not know the instructions. Only for processors
/// that have them.
const MatmulKernel* matmul_avx2();
const MatmulKernel* matmul_int8_avx2();

}  // namespace velatura::ops
