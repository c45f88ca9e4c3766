#include "ops/add_bias_residual.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/library.h>

namespace velatura::ops {
namespace {

at::Tensor& add_bias_residual_with_aten(at::Tensor& x, const at::Tensor& bias,
                                        const at::Tensor& residual) {
  return x.add_(bias.view({1, -1, 1, 1})).add_(residual);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(velatura, library) {
  library.def("add_bias_residual(Tensor(a!) x, Tensor bias, Tensor residual) -> Tensor(a!)");
  library.impl("add_bias_residual", c10::DispatchKey::CompositeExplicitAutograd,
               add_bias_residual_with_aten);
}

at::Tensor add_bias_residual(at::Tensor x, const at::Tensor& bias, const at::Tensor& residual) {
  static const auto op = c10::Dispatcher::singleton()
                             .findSchemaOrThrow("velatura::add_bias_residual", "")
                             .typed<decltype(add_bias_residual_with_aten)>();
  return op.call(x, bias, residual);
}

}  // namespace velatura::ops
