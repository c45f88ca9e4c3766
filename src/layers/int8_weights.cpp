#include "layers/int8_weights.h"

#include "ops/int8_weight.h"
#include "velatura/error.h"

namespace velatura::layers {

void hold_as_int8(Module& network) {
  if (!ops::computes_with_int8()) {
    throw ResourceError(
        "dtype int8: this processor has no AVX2, or ATEN_CPU_CAPABILITY does not allow it",
        {"dtype"});
  }
  network.apply([](Module& module) { module.hold_as_int8(); });
}

}  // namespace velatura::layers
