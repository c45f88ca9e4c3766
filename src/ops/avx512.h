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

  // Terms of a polynomial, highest power first, of the fraction in [-1/2, 1/2].
  template <int Terms>
  static Vector exp2_by(const float (&terms)[Terms], Vector x) {
    const Vector whole = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    const Vector fraction = _mm512_sub_ps(x, whole);
    Vector sum = _mm512_set1_ps(terms[0]);
    for (int i = 1; i < Terms; ++i) {
      sum = _mm512_fmadd_ps(sum, fraction, _mm512_set1_ps(terms[i]));
    }
    const __mmask16 normal = _mm512_cmp_ps_mask(x, _mm512_set1_ps(-126.f), _CMP_NLT_UQ);
    return _mm512_maskz_scalef_ps(normal, sum, whole);
  }
};

}  // namespace
}  // namespace velatura::ops
