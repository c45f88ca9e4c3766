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

/// Instructions for products of bfloat16, which no limit for libtorch's kernels tells.
bool has_avx512_bf16();
bool has_amx_bf16();

/// Asks the operating system to keep the tiles of AMX for this process, without which their first use ends it.
bool may_use_amx();

}  // namespace velatura::ops
