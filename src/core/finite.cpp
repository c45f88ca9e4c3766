#include "core/finite.h"

#include <ATen/ops/aminmax.h>
#include <ATen/ops/isfinite.h>

#include <tuple>

namespace velatura {

// NaN is kept by aminmax().
bool all_finite(const at::Tensor& x) {
  const auto [lowest, highest] = at::aminmax(x);
  return at::isfinite(lowest).item<bool>() && at::isfinite(highest).item<bool>();
}

}  // namespace velatura
