#include "ops/winograd/winograd.h"

#if defined(__AVX512F__)

#include "ops/winograd/winograd_kernel.h"

namespace velatura::ops {
namespace {

struct Avx512 {
  static constexpr int lanes = 16, rows = 12;
  typedef float Vector __attribute__((vector_size(64)));
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
