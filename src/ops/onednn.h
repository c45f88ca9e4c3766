#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>

namespace velatura::ops {

/// True if this libtorch and this processor run oneDNN's kernels in this dtype.
bool onednn_computes(at::ScalarType dtype);

/// One of libtorch's operators on weights that oneDNN has laid out in its own blocks. They have no
/// C++ functions, only names in the dispatcher.
template <class Signature>
c10::TypedOperatorHandle<Signature> onednn_operator(const char* name) {
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").typed<Signature>();
}

}  // namespace velatura::ops
