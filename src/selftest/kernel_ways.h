#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/FunctionRef.h>

#include <string>

#include "selftest/check.h"

namespace velatura::selftest {

/// Relative error that is allowed of an operator. @param exact  in float32
double kernel_tolerance(at::ScalarType dtype, double exact);

/// An operator's result beside that of the same numbers in float64.
struct KernelResult {
  at::Tensor found, expected;
  bool is_ours;  ///< of a kernel of velatura's
};

struct KernelWays {
  double exact;  ///< see kernel_tolerance()
  std::string ours, theirs;
};

/// An operator on the CPU in every type. Says which way each goes.
Finding check_ways(const KernelWays& ways, c10::function_ref<KernelResult(at::ScalarType)> run);

}  // namespace velatura::selftest
