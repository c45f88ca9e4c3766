#include "ops/processor.h"

#include <ATen/Version.h>

#include <string>

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace velatura::ops {
namespace {

// One of cpuid's registers, and of it one bit.
struct Feature {
  unsigned leaf, part;
  enum { eax, ecx, edx } place;
  unsigned bit;
};

bool has(const Feature& feature) {
#if defined(__x86_64__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(feature.leaf, feature.part, &a, &b, &c, &d) == 0) return false;
  const unsigned values[] = {a, c, d};
  return (values[feature.place] >> feature.bit & 1) != 0;
#else
  static_cast<void>(feature);
  return false;
#endif
}

// libtorch's choice, which also asks the operating system, does not tell.
constexpr Feature f16c{1, 0, Feature::ecx, 29};
constexpr Feature avx512_bf16{7, 1, Feature::eax, 5};
constexpr Feature amx_bf16{7, 0, Feature::edx, 22};

}  // namespace

Vectors widest_vectors() {
  const std::string capability = at::get_cpu_capability();
  if (!has(f16c)) return Vectors::none;
  if (capability == "AVX512") return Vectors::avx512;
  return capability == "AVX2" ? Vectors::avx2 : Vectors::none;
}

bool has_avx512_bf16() {
  return has(avx512_bf16);
}

bool has_amx_bf16() {
  return has(amx_bf16);
}

bool may_use_amx() {
#if defined(__x86_64__)
  constexpr int request_permission = 0x1023, tile_data = 18;  // of Linux's and the processor's
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
  return false;
#endif
}

}  // namespace velatura::ops
