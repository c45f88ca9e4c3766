#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>

namespace velatura::ops {

/// True if this libtorch and this processor run oneDNN's kernels in this dtype.
bool onednn_computes(at::ScalarType dtype);

/// Whether tensors of this type are for velatura's kernels that compute in float32: float32 itself, and half
/// precision that oneDNN does not compute in here; where it does, by instructions that are made for it.
bool is_for_float32_kernels(at::ScalarType dtype);

/// One of libtorch's operators on weights that oneDNN has laid out in its own blocks. They have no
/// C++ functions, only names in the dispatcher.
template <class Signature>
c10::TypedOperatorHandle<Signature> onednn_operator(const char* name) {
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").typed<Signature>();
}

}  // namespace velatura::ops
