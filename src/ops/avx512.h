#pragma once

// For files that are compiled with AVX-512, as avx2.h is.

#include <immintrin.h>

#include <cstdint>

namespace velatura::ops {
namespace {

/// A base may put other values in the place of Packed, Unit, step and what works on them.
struct Avx512Floats {
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

  static float load_half(std::uint16_t bits) { return _cvtsh_ss(bits); }
  static std::uint16_t store_half(float value) {
    return static_cast<std::uint16_t>(
        _cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }
};

}  // namespace
}  // namespace velatura::ops
