#include "ops/winograd/winograd.h"

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)

#include "ops/avx2.h"
#include "ops/winograd/winograd_int8_kernel.h"
#include "ops/winograd/winograd_kernel.h"

namespace velatura::ops {
namespace {

struct Avx2 : Avx2Floats {
  using Pairs = Avx2Pairs;
  static constexpr int rows = 6, pair_rows = 4;
};

}  // namespace

const WinogradKernel* winograd_avx2() {
  static constexpr WinogradKernel kernel = Winograd<Avx2>::kernel();
  return &kernel;
}

const WinogradKernel* winograd_int8_avx2() {
  static constexpr WinogradKernel kernel = Int8Winograd<Avx2>::kernel();
  return &kernel;
}

}  // namespace velatura::ops

#else

namespace velatura::ops {

const WinogradKernel* winograd_avx2() {
  return nullptr;
}

const WinogradKernel* winograd_int8_avx2() {
  return nullptr;
}

}  // namespace velatura::ops

#endif
