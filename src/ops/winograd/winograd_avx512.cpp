#include "ops/winograd/winograd.h"

#if defined(__AVX512BW__) && defined(__F16C__)

#include "ops/avx512.h"
#include "ops/winograd/winograd_int8_kernel.h"
#include "ops/winograd/winograd_kernel.h"

namespace velatura::ops {
namespace {

struct Avx512 : Avx512Floats {
  using Pairs = Avx512Pairs;
  static constexpr int rows = 12, pair_rows = 12;
};

}  // namespace

const WinogradKernel* winograd_avx512() {
  static constexpr WinogradKernel kernel = Winograd<Avx512>::kernel();
  return &kernel;
}

const WinogradKernel* winograd_int8_avx512() {
  static constexpr WinogradKernel kernel = Int8Winograd<Avx512>::kernel();
  return &kernel;
}

}  // namespace velatura::ops

#else

namespace velatura::ops {

const WinogradKernel* winograd_avx512() {
  return nullptr;
}

const WinogradKernel* winograd_int8_avx512() {
  return nullptr;
}

}  // namespace velatura::ops

#endif
