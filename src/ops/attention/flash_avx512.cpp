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

  static constexpr float exp2_terms[] = {0.00015345811f, 0.0013399931f, 0.009618489f, 0.055503286f,
                                         0.24022646f,    0.6931472f,    1.f};  // to 8e-8
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
