#include "ops/attention/flash.h"

#if defined(__AVX512BF16__) && defined(__AVX512BW__) && defined(__F16C__)
#include "ops/attention/flash_kernel.h"
#include "ops/avx512_bf16.h"

namespace velatura::ops {
namespace {

struct Vectors : Avx512Bf16 {
  using Products = RegisterProducts<Vectors>;
  template <class Element>
  using Row = PlainRow<Vectors, Element>;
  using Unit = __m512bh;
  static constexpr int vectors = 4, longest_sum = 512;

  static Unit load_unit(const Packed* from) { return (__m512bh)_mm512_loadu_si512(from); }
  static Unit broadcast_unit(const Packed* from) {
    std::int32_t pair;
    __builtin_memcpy(&pair, from, sizeof pair);
    return (__m512bh)_mm512_set1_epi32(pair);
  }
  static Vector dot(Unit a, Unit b, Vector sum) { return _mm512_dpbf16_ps(sum, a, b); }
};

constexpr FlashKernel kernel = Flash<Vectors>::kernel();

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
