#include "ops/attention/flash.h"

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)
#include "ops/attention/flash_kernel.h"
#include "ops/avx2.h"

namespace velatura::ops {
namespace {

struct Avx2 : Avx2Floats {
  using Products = RegisterProducts<Avx2>;
  static constexpr int vectors = 2, longest_sum = 64;

  static Vector multiply_subtract(Vector a, Vector b, Vector c) { return _mm256_fmsub_ps(a, b, c); }
  static Vector maximum(Vector a, Vector b) { return _mm256_max_ps(a, b); }
  static float largest(Vector a) {
    __m128 half = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    half = _mm_max_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
  }
  static float total(Vector a) {
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
  }

  static Packed pack(float value) { return value; }
  static void pack_vector(Vector value, Packed* to) { store(to, value); }

  static Vector exp2(Vector x) {  // to 8e-8
    constexpr float terms[] = {0.00015345811f, 0.0013399931f, 0.009618489f, 0.055503286f,
                               0.24022646f,    0.6931472f,    1.f};
    const Vector whole = _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    const Vector fraction = _mm256_sub_ps(x, whole);
    Vector sum = _mm256_set1_ps(terms[0]);
    for (const float* term = terms + 1; term != terms + sizeof terms / sizeof *terms; ++term)
      sum = _mm256_fmadd_ps(sum, fraction, _mm256_set1_ps(*term));
    const __m256i exponent = _mm256_slli_epi32(_mm256_cvtps_epi32(whole), 23);
    const Vector power = _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(sum), exponent));
    return _mm256_and_ps(power, _mm256_cmp_ps(x, _mm256_set1_ps(-126.f), _CMP_NLT_UQ));
  }
};

constexpr FlashKernel kernel = Flash<Avx2>::kernel();

}  // namespace

const FlashKernel* flash_avx2() {
  return &kernel;
}

}  // namespace velatura::ops
#else
const velatura::ops::FlashKernel* velatura::ops::flash_avx2() {
  return nullptr;
}
#endif
