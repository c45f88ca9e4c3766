#include "ops/winograd/winograd.h"

#if defined(__AVX2__) && defined(__FMA__)

#include "ops/winograd/winograd_kernel.h"

namespace velatura::ops {
namespace {

struct Avx2 {
  static constexpr int lanes = 8, rows = 6;
  typedef float Vector __attribute__((vector_size(32)));
};

}  // namespace

const WinogradKernel* winograd_avx2() {
  static constexpr WinogradKernel kernel = Winograd<Avx2>::kernel();
  return &kernel;
}

}  // namespace velatura::ops

#else

namespace velatura::ops {

const WinogradKernel* winograd_avx2() {
  return nullptr;
}

}  // namespace velatura::ops

#endif
