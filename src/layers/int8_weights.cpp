#include "layers/int8_weights.h"

#include "core/interruption.h"
#include "ops/int8_weight.h"
#include "ops/processor.h"
#include "velatura/error.h"

namespace velatura::layers {

void hold_as_int8(Module& network) {
  if (!ops::computes_with_int8()) {
    throw ResourceError(
        "dtype int8: this processor has no AVX2, or ATEN_CPU_CAPABILITY does not allow it",
        {"dtype"});
  }
  if (ops::has_avx512_bf16()) {
    warn_observer(
        "dtype int8: this processor multiplies bfloat16 itself, so steps take longer with int8 than with bfloat16, "
        "for less memory");
  }
  network.apply([](Module& module) { module.hold_as_int8(); });
}

}  // namespace velatura::layers
