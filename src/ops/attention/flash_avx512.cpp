#include "ops/attention/flash.h"

#if defined(__AVX512F__) && defined(__F16C__)
#include "ops/attention/flash_kernel.h"
#include "ops/avx512.h"

namespace velatura::ops {
namespace {

struct Avx512 : Avx512Floats {
  using Products = RegisterProducts<Avx512>;
  template <class Element>
  using Row = PlainRow<Avx512, Element>;
  static constexpr int vectors = 4, longest_sum = 64;

  static Packed pack(float value) { return value; }
  static void pack_vector(Vector value, Packed* to) { store(to, value); }

  static constexpr const auto& exp2_terms = float32_exp2_terms;
};

constexpr FlashKernel kernel = Flash<Avx512>::kernel();

}  // namespace

const FlashKernel* flash_avx512() {
  return &kernel;
}

}  // namespace velatura::ops
#else
const velatura::ops::FlashKernel* velatura::ops::flash_avx512() {
  return nullptr;
}
#endif
