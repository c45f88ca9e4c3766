#pragma once

// For files that are compiled with AVX2 and FMA alone: what is theirs is in an unnamed namespace, so that nothing
// of it is shared with other files, whose processors may not have the instructions.

#include <immintrin.h>

namespace velatura::ops {
namespace {

struct Avx2Floats {
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

  static Unit load_unit(const Packed* from) {
    Unit unit = load(from);
    asm("" : "+x"(unit));  // it stays in a register; the compiler would read it again for every row
    return unit;
  }
  static Unit broadcast_unit(const Packed* from) { return broadcast(*from); }
  static Vector dot(Unit a, Unit b, Vector sum) { return _mm256_fmadd_ps(a, b, sum); }
};

}  // namespace
}  // namespace velatura::ops
