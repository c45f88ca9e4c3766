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

  static Vector exp2(Vector x) {  // to 3e-6, where bfloat16 has 4e-3
    constexpr float terms[] = {0.0095701f, 0.05591786f, 0.24024744f, 0.6931218f, 0.9999993f};
    return exp2_by(terms, x);
  }
};

}  // namespace
}  // namespace velatura::ops
