// Instead of the processor that there is: one with all of AVX-512 and AMX, emulated by AVX2's instructions.

#include "ops/processor.h"

namespace velatura::ops {

Vectors widest_vectors() {
  const bool emulates = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return emulates ? Vectors::avx512 : Vectors::none;
}

bool has_avx512_bf16() {
  return true;
}

bool has_amx_bf16() {
  return true;
}

bool may_use_amx() {
  return true;
}

}  // namespace velatura::ops
