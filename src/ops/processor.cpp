#include "ops/processor.h"

#include <ATen/Version.h>

#include <string>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace velatura::ops {
namespace {

// libtorch's choice, which also asks the operating system, does not tell.
bool has_f16c() {
#if defined(__x86_64__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c >> 29 & 1) != 0;
#else
  return false;
#endif
}

}  // namespace

Vectors widest_vectors() {
  const std::string capability = at::get_cpu_capability();
  if (!has_f16c()) return Vectors::none;
  if (capability == "AVX512") return Vectors::avx512;
  return capability == "AVX2" ? Vectors::avx2 : Vectors::none;
}

}  // namespace velatura::ops
