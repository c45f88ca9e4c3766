#pragma once

namespace velatura::ops {

/// Vectors that kernels compute with, by what they ask of the processor; each has all that those before it have.
enum class Vectors {
  none,
  avx2,    ///< with FMA and F16C
  avx512,  ///< with the parts F, BW, DQ and VL
};

/// The widest that this processor has, within the limit that is set for libtorch's kernels (ATEN_CPU_CAPABILITY).
Vectors widest_vectors();

}  // namespace velatura::ops
