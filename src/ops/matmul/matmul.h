#pragma once

#include <cstdint>

#include "ops/element.h"

// Files that are compiled for one instruction set include this: types alone, no functions, of which
// the linker could take theirs for other processors.
namespace velatura::ops {

/// y = x · weights + bias
struct MatmulTask {
  Element element;      ///< of x, weights, bias and y
  const void* x;        ///< [rows, in]
  const void* weights;  ///< [⌈out / strip⌉, in, strip], zeros beyond out
  const void* bias;     ///< [out] or null
  void* y;              ///< [rows, out]
  std::int64_t rows, in, out;
};

/// Some of the task's rows, and strips of columns.
struct MatmulPart {
  std::int64_t first_row, rows, first_strip, strips;
};

/// A matrix product on the CPU. Sums are in float32; what is computed for a row depends on nothing but its own
/// inputs.
struct MatmulKernel {
  static constexpr std::int64_t strip = 16;  ///< columns whose weights lie together

  std::int64_t rows;  ///< that are multiplied at once

  /// Computes a part, for threads to share. @param scratch  of this thread, scratch_size(part) floats
  void (*multiply)(const MatmulTask& task, const MatmulPart& part, float* scratch);
  std::int64_t (*scratch_size)(const MatmulPart& part);
};

/// Null where the compiler does not know the instructions. Only for processors that have them.
const MatmulKernel* matmul_avx2();

}  // namespace velatura::ops
