#include "ops/winograd/winograd.h"

#if defined(__AVX512BW__) && defined(__F16C__)

#include "ops/avx512.h"
#include "ops/winograd/winograd_kernel.h"

namespace velatura::ops {
namespace {

struct Avx512 : Avx512Floats {
  static constexpr int rows = 12;
};

}  // namespace

const WinogradKernel* winograd_avx512() {
  static constexpr WinogradKernel kernel = Winograd<Avx512>::kernel();
  return &kernel;
}

}  // namespace velatura::ops

#else

namespace velatura::ops {

const WinogradKernel* winograd_avx512() {
  return nullptr;
}

}  // namespace velatura::ops

#endif
