#pragma once

#include <ATen/core/dispatch/Dispatcher.h>

namespace velatura::stand_in {

/// Any operator on tensors of the device: the CPU's, on the same memory.
/// @throws c10::Error if an operand is elsewhere, as CUDA's kernels do
void fallback(const c10::OperatorHandle& op, torch::jit::Stack* stack);

}  // namespace velatura::stand_in
