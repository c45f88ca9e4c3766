#include "ops/add_layer_norm.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/library.h>

namespace velatura::ops {
namespace {

std::tuple<at::Tensor, at::Tensor> add_layer_norm_with_aten(const at::Tensor& x,
                                                            const at::Tensor& residual,
                                                            const at::Tensor& weight,
                                                            const at::Tensor& bias, double eps) {
  const at::Tensor sum = x + residual;
  return {sum, at::layer_norm(sum, {sum.size(-1)}, weight, bias, eps)};
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(velatura, library) {
  library.def(
      "add_layer_norm(Tensor x, Tensor residual, Tensor weight, Tensor bias, float eps) -> "
      "(Tensor, Tensor)");
  library.impl("add_layer_norm", c10::DispatchKey::CompositeExplicitAutograd,
               add_layer_norm_with_aten);
}

std::tuple<at::Tensor, at::Tensor> add_layer_norm(const at::Tensor& x, const at::Tensor& residual,
                                                  const at::Tensor& weight, const at::Tensor& bias,
                                                  double eps) {
  static const auto op = c10::Dispatcher::singleton()
                             .findSchemaOrThrow("velatura::add_layer_norm", "")
                             .typed<decltype(add_layer_norm)>();
  return op.call(x, residual, weight, bias, eps);
}

}  // namespace velatura::ops
