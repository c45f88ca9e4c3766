#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/FunctionRef.h>

#include <string>

#include "selftest/check.h"

namespace velatura::selftest {

/// An operator's result beside that of the same numbers in float64.
struct KernelResult {
  at::Tensor found, expected;
  bool is_ours;  ///< of a kernel of velatura's
};

struct KernelWays {
  double exact;  ///< relative error in float32 that is allowed
  std::string ours, theirs;
};

/// An operator on the CPU in every type. Says which way each goes.
Finding check_ways(const KernelWays& ways, c10::function_ref<KernelResult(at::ScalarType)> run);

}  // namespace velatura::selftest
