#include "core/tf32.h"

#include <ATen/Context.h>

namespace velatura {

void allow_tf32(bool allowed) {
  at::globalContext().setAllowTF32CuBLAS(allowed);
  at::globalContext().setAllowTF32CuDNN(allowed);
}

Tf32Allowed::Tf32Allowed() : before_(at::globalContext().allowTF32CuBLAS()) {
  allow_tf32(true);
}

Tf32Allowed::~Tf32Allowed() {
  allow_tf32(before_);
}

}  // namespace velatura
