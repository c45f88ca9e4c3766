// The CUDA kernel of velatura::add_layer_norm, part of libvelatura_cuda.

#include "ops/add_layer_norm_cuda.h"

#include <ATen/ATen.h>
#include <torch/library.h>

#include <tuple>

#include "ops/stream_cuda.h"

namespace velatura::ops::cuda {
namespace {

std::tuple<at::Tensor, at::Tensor> add_layer_norm(const at::Tensor& x, const at::Tensor& residual,
                                                  const at::Tensor& weight, const at::Tensor& bias,
                                                  double eps) {
  const auto type = type_of(x.scalar_type());
  const std::int64_t channels = x.size(-1);
  const auto alike = [&](const at::Tensor& other) {
    return other.scalar_type() == x.scalar_type() && other.device() == x.device() &&
           other.is_contiguous();
  };
  const bool covered = type && x.numel() > 0 && channels <= kMostNormedChannels && alike(x) &&
                       x.sizes() == residual.sizes() && alike(residual) && alike(weight) &&
                       alike(bias) && weight.numel() == channels && bias.numel() == channels;
  if (!covered) {
    const at::Tensor sum = x + residual;
    return {sum, at::layer_norm(sum, {channels}, weight, bias, eps)};
  }
  const OnDeviceOf device(x);
  at::Tensor sum = at::empty_like(x), normed = at::empty_like(x);
  check(launch({x.const_data_ptr(), residual.const_data_ptr(), weight.const_data_ptr(),
                bias.const_data_ptr(), sum.mutable_data_ptr(), normed.mutable_data_ptr(), *type,
                x.numel() / channels, static_cast<int>(channels), static_cast<float>(eps)},
               device.stream()));
  return {sum, normed};
}

}  // namespace

TORCH_LIBRARY_IMPL(velatura, CUDA, library) {
  library.impl("add_layer_norm", add_layer_norm);
}

}  // namespace velatura::ops::cuda
