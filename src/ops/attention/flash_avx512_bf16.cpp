#include "ops/attention/flash.h"

#if defined(__AVX512BF16__) && defined(__AVX512BW__) && defined(__F16C__)
#include "ops/attention/flash_kernel.h"
#include "ops/avx512.h"

namespace velatura::ops {
namespace {

struct Avx512Bf16 : Avx512Floats {
  using Packed = std::uint16_t;
  using Unit = __m512bh;
  static constexpr int vectors = 4, step = 2, longest_sum = 512;

  static Unit load_unit(const Packed* from) { return (__m512bh)_mm512_loadu_si512(from); }
  static Unit broadcast_unit(const Packed* from) {
    std::int32_t pair;
    __builtin_memcpy(&pair, from, sizeof pair);
    return (__m512bh)_mm512_set1_epi32(pair);
  }
  static Vector dot(Unit a, Unit b, Vector sum) { return _mm512_dpbf16_ps(sum, a, b); }
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

constexpr FlashKernel kernel = Flash<Avx512Bf16>::kernel();

}  // namespace

const FlashKernel* flash_avx512_bf16() {
  return &kernel;
}

}  // namespace velatura::ops
#else
const velatura::ops::FlashKernel* velatura::ops::flash_avx512_bf16() {
  return nullptr;
}
#endif
