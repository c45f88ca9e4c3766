// The operators that need more than the CPU's kernel.

#include <ATen/ATen.h>
#include <ATen/EmptyTensor.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/DeviceGuard.h>
#include <torch/library.h>

#include "support/stand_in_gpu/aliases.h"
#include "support/stand_in_gpu/fallback.h"
#include "support/stand_in_gpu/stand_in.h"

namespace velatura::stand_in {
namespace {

c10::Device placed(std::optional<at::Device> device) {
  return device && device->has_index() ? *device : c10::Device(kType, current_device());
}

at::Tensor empty(at::IntArrayRef size, std::optional<at::ScalarType> dtype,
                 std::optional<at::Layout>, std::optional<at::Device> device, std::optional<bool>,
                 std::optional<at::MemoryFormat> format) {
  const c10::DeviceGuard guard(placed(device));
  return at::detail::empty_generic(size, &device_allocator(), c10::DispatchKeySet(kKey),
                                   c10::dtype_or_default(dtype), format);
}

at::Tensor empty_strided(at::IntArrayRef size, at::IntArrayRef stride,
                         std::optional<at::ScalarType> dtype, std::optional<at::Layout>,
                         std::optional<at::Device> device, std::optional<bool>) {
  const c10::DeviceGuard guard(placed(device));
  return at::detail::empty_strided_generic(size, stride, &device_allocator(),
                                           c10::DispatchKeySet(kKey), c10::dtype_or_default(dtype));
}

// Pageable memory is waited for even where nobody asked for it, as CUDA does.
void note_copy(const at::Tensor& to, const at::Tensor& from, bool non_blocking) {
  if (of_device(to) && of_device(from)) {
    note("launch", "copy");
    return;
  }
  const at::Tensor& host = of_device(to) ? from : to;
  const bool pinned = is_pinned(host.const_data_ptr());
  const std::string what = std::string(of_device(to) ? "to" : "from") + " the device, " +
                           (pinned ? "pinned" : "pageable");
  note("copy", what);
  if (!pinned || !non_blocking) note("wait", "copy " + what);
}

at::Tensor& copy_(at::Tensor& self, const at::Tensor& source, bool non_blocking) {
  if (self.numel() == 0) return self;
  note_copy(self, source, non_blocking);
  const at::Tensor target = of_device(self) ? on_host(self) : self;
  const InKernel running;
  target.copy_(of_device(source) ? on_host(source) : source);
  return self;
}

at::Scalar local_scalar(const at::Tensor& self) {
  note("wait", "item");
  return on_host(self).item();
}

// cuDNN's place; it refuses operands of different types.
at::Tensor convolution(const at::Tensor& x, const at::Tensor& weight,
                       const std::optional<at::Tensor>& bias, at::IntArrayRef stride,
                       at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
                       at::IntArrayRef output_padding, std::int64_t groups) {
  TORCH_CHECK(x.scalar_type() == weight.scalar_type(), "Input type (", x.toString(),
              ") and weight type (", weight.toString(), ") should be the same");
  static const auto op = c10::Dispatcher::singleton().findSchemaOrThrow("aten::convolution", "");
  torch::jit::Stack stack{x,          weight,         bias ? c10::IValue(*bias) : c10::IValue(),
                          stride,     padding,        dilation,
                          transposed, output_padding, groups};
  fallback(op, &stack);
  return stack.back().toTensor();
}

TORCH_LIBRARY_IMPL(_, CUDA, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&fallback>());
}

TORCH_LIBRARY_IMPL(aten, CUDA, library) {
  library.impl("empty.memory_format", empty);
  library.impl("empty_strided", empty_strided);
  library.impl("copy_", copy_);
  library.impl("_local_scalar_dense", local_scalar);
  library.impl("as_strided", at::native::as_strided_tensorimpl);
  library.impl("view", at::native::view);
  library.impl("_reshape_alias", at::native::_reshape_alias);
  library.impl("convolution", convolution);
  // Made of others where a device has no kernel for them; CUDA has.
  for (const char* name : {"scaled_dot_product_attention", "native_group_norm", "native_layer_norm",
                           "linear", "matmul"}) {
    library.impl(name, torch::CppFunction::makeFromBoxedFunction<&fallback>());
  }
}

}  // namespace
}  // namespace velatura::stand_in
