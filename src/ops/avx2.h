#pragma once

// For files that are compiled with AVX2, FMA and F16C: what is theirs is in an unnamed namespace, so that nothing
// of it is shared with other files, whose processors may not have the instructions.

#include <immintrin.h>

#include "ops/element_f16c.h"

namespace velatura::ops {
namespace {

struct Avx2Floats : SingleElements {
  using Packed = float;
  using Vector = __m256;
  using Unit = Vector;
  static constexpr int lanes = 8, step = 1;

  static Vector zero() { return _mm256_setzero_ps(); }
  static Vector broadcast(float value) { return _mm256_set1_ps(value); }
  static Vector load(const float* from) { return _mm256_loadu_ps(from); }
  static void store(float* to, Vector value) { _mm256_storeu_ps(to, value); }
  static Vector add(Vector a, Vector b) { return _mm256_add_ps(a, b); }
  static Vector multiply_add(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
  /// Of `most`, and of the values without their signs.
  static Vector larger_size(Vector most, Vector values) {
    return _mm256_max_ps(most, _mm256_andnot_ps(broadcast(-0.f), values));
  }

  static Unit load_unit(const Packed* from) {
    Unit unit = load(from);
    asm("" : "+x"(unit));  // it stays in a register; the compiler would read it again for every row
    return unit;
  }
  static Unit broadcast_unit(const Packed* from) { return broadcast(*from); }
  static Vector dot(Unit a, Unit b, Vector sum) { return _mm256_fmadd_ps(a, b, sum); }

  static Vector load_as(const float* from) { return load(from); }
  static Vector load_as(const Bfloat16* from) {
    const __m128i bits = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16));
  }
  static Vector load_as(const Float16* from) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
  }
  static Vector load_as(const Int8* from) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
  }

  // To the nearest, ties to even; NaN stays NaN.
  static void store_as(float* to, Vector value) { store(to, value); }
  static void store_as(Bfloat16* to, Vector value) {
    const __m256i bits = _mm256_castps_si256(value);
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    const __m256i rounded =
        _mm256_add_epi32(_mm256_add_epi32(bits, odd), _mm256_set1_epi32(0x7fff));
    const __m256i is_nan = _mm256_castps_si256(_mm256_cmp_ps(value, value, _CMP_UNORD_Q));
    const __m256i upper =
        _mm256_srli_epi32(_mm256_blendv_epi8(rounded, _mm256_set1_epi32(0x7fc00000), is_nan), 16);
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(upper, upper), 0b1000);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(packed));
  }
  static void store_as(Float16* to, Vector value) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                     _mm256_cvtps_ph(value, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }
};

/// Whole numbers of 16 bits, neighbours of which are multiplied and added at once, into sums of 32 bits.
struct Avx2Pairs {
  using Packed = std::int16_t;
  using Vector = __m256i;
  using Unit = __m256i;
  static constexpr int lanes = 8, step = 2;

  static Vector zero() { return _mm256_setzero_si256(); }
  static Unit load_unit(const Packed* from) {
    Unit unit = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    asm("" : "+x"(unit));  // as Avx2Floats::load_unit()
    return unit;
  }
  static Unit broadcast_unit(const Packed* from) {
    std::int32_t pair;
    __builtin_memcpy(&pair, from, sizeof pair);
    return _mm256_set1_epi32(pair);
  }
  static Vector dot(Unit a, Unit b, Vector sum) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
  }
  static __m256 to_floats(Vector sums) { return _mm256_cvtepi32_ps(sums); }

  /// Rounded, which must fit. @param to  [lanes]
  static void store_whole(Packed* to, __m256 values) {
    const __m256i whole = _mm256_cvtps_epi32(values);
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi32(whole, whole), 0b1000);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(packed));
  }
  /// @param to  [2 * lanes]
  static void store_whole(Packed* to, __m256 first, __m256 second) {
    const __m256i packed =
        _mm256_packs_epi32(_mm256_cvtps_epi32(first), _mm256_cvtps_epi32(second));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                        _mm256_permute4x64_epi64(packed, 0b11011000));
  }
  /// Each lane's two side by side. @param to  [lanes][2]
  static void store_pairs(Packed* to, __m256 first, __m256 second) {
    const __m256i upper = _mm256_slli_epi32(_mm256_cvtps_epi32(second), 16);
    const __m256i pairs = _mm256_blend_epi16(_mm256_cvtps_epi32(first), upper, 0b10101010);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), pairs);
  }
};

}  // namespace
}  // namespace velatura::ops
