#pragma once

// For files that are compiled with AVX-512 and AVX512-BF16, as avx2.h is.

#include "ops/avx512.h"

namespace velatura::ops {
namespace {

/// Numbers in bfloat16, two neighbours of which are multiplied and added at once; sums are floats.
struct Avx512Bf16 : Avx512Floats {
  using Packed = std::uint16_t;
  static constexpr int step = 2;

  static Packed pack(float value) {  // of values that are bfloat16 already
    return static_cast<Packed>(__builtin_bit_cast(std::uint32_t, value) >> 16);
  }
  static void pack_vector(Vector value, Packed* to) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), (__m256i)_mm512_cvtneps_pbh(value));
  }

  // Of 2 to a power, to 8e-5, where bfloat16 has 4e-3; see exp2_of().
  static constexpr float exp2_terms[] = {0.055171665f, 0.24261114f, 0.69326097f, 0.99992806f};
};

}  // namespace
}  // namespace velatura::ops
