#pragma once

// For files that are compiled with AVX-512, as avx2.h is.

#include <immintrin.h>

#include <cstdint>

#include "ops/element_f16c.h"

namespace velatura::ops {
namespace {

/// What derives from it may have others of Packed, Unit, step and what works on them.
struct Avx512Floats : SingleElements {
  using Packed = float;
  using Vector = __m512;
  using Unit = Vector;
  static constexpr int lanes = 16, step = 1;

  static Vector zero() { return _mm512_setzero_ps(); }
  static Vector broadcast(float value) { return _mm512_set1_ps(value); }
  static Vector load(const float* from) { return _mm512_loadu_ps(from); }
  static void store(float* to, Vector value) { _mm512_storeu_ps(to, value); }
  static Vector add(Vector a, Vector b) { return _mm512_add_ps(a, b); }
  static Vector multiply_add(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
  static Vector multiply_subtract(Vector a, Vector b, Vector c) { return _mm512_fmsub_ps(a, b, c); }
  static Vector maximum(Vector a, Vector b) { return _mm512_max_ps(a, b); }
  /// Of `most`, and of the values without their signs.
  static Vector larger_size(Vector most, Vector values) {
    const __m512i bits =
        _mm512_and_si512(_mm512_castps_si512(values), _mm512_set1_epi32(0x7fffffff));
    return maximum(most, _mm512_castsi512_ps(bits));
  }
  static float largest(Vector a) { return _mm512_reduce_max_ps(a); }
  static float total(Vector a) { return _mm512_reduce_add_ps(a); }

  static Unit load_unit(const Packed* from) { return load(from); }
  static Unit broadcast_unit(const Packed* from) { return broadcast(*from); }
  static Vector dot(Unit a, Unit b, Vector sum) { return multiply_add(a, b, sum); }

  static Vector load_as(const float* from) { return load(from); }
  static Vector load_as(const Bfloat16* from) {
    const __m256i bits = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
  }
  static Vector load_as(const Float16* from) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
  }
  static Vector load_as(const Int8* from) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes));
  }

  // To the nearest, ties to even; NaN stays NaN.
  static void store_as(float* to, Vector value) { store(to, value); }
  static void store_as(Bfloat16* to, Vector value) {
    const __m512i bits = _mm512_castps_si512(value);
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    const __m512i rounded =
        _mm512_add_epi32(_mm512_add_epi32(bits, odd), _mm512_set1_epi32(0x7fff));
    const __m512i upper =
        _mm512_srli_epi32(_mm512_mask_blend_epi32(_mm512_cmp_ps_mask(value, value, _CMP_UNORD_Q),
                                                  rounded, _mm512_set1_epi32(0x7fc00000)),
                          16);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_cvtepi32_epi16(upper));
  }
  static void store_as(Float16* to, Vector value) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                        _mm512_cvtps_ph(value, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }

  static bool any_above(Vector values, float limit) {
    return _mm512_cmp_ps_mask(values, _mm512_set1_ps(limit), _CMP_GT_OQ) != 0;
  }
  /// Of 127 more than is in the lowest bits of each.
  static Vector power_of_two(Vector bits) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(bits), 23));
  }
};

/// As Avx2Pairs.
struct Avx512Pairs {
  using Packed = std::int16_t;
  using Vector = __m512i;
  using Unit = __m512i;
  static constexpr int lanes = 16, step = 2;

  static Vector zero() { return _mm512_set1_epi32(0); }
  static Unit load_unit(const Packed* from) { return _mm512_loadu_si512(from); }
  static Unit broadcast_unit(const Packed* from) {
    std::int32_t pair;
    __builtin_memcpy(&pair, from, sizeof pair);
    return _mm512_set1_epi32(pair);
  }
  static Vector dot(Unit a, Unit b, Vector sum) {
    return _mm512_add_epi32(sum, _mm512_madd_epi16(a, b));
  }
  static __m512 to_floats(Vector sums) { return _mm512_cvtepi32_ps(sums); }

  static void store_whole(Packed* to, __m512 values) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                        _mm512_cvtepi32_epi16(_mm512_cvtps_epi32(values)));
  }
  static void store_pairs(Packed* to, __m512 first, __m512 second) {
    const __m512i upper = _mm512_slli_epi32(_mm512_cvtps_epi32(second), 16);
    const __m512i lower = _mm512_and_si512(_mm512_cvtps_epi32(first), _mm512_set1_epi32(0xffff));
    _mm512_storeu_si512(to, _mm512_add_epi32(upper, lower));
  }
};

}  // namespace
}  // namespace velatura::ops
