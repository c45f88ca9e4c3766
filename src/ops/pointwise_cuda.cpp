// The CUDA kernels of velatura::geglu and velatura::add_bias_residual, part of libvelatura_cuda.

#include "ops/pointwise_cuda.h"

#include <ATen/ATen.h>
#include <torch/library.h>

#include "ops/stream_cuda.h"

namespace velatura::ops::cuda {
namespace {

at::Tensor geglu(const at::Tensor& projected) {
  const std::int64_t width = projected.size(-1) / 2;
  const auto type = type_of(projected.scalar_type());
  if (!type || !projected.is_contiguous() || projected.numel() == 0)
    return projected.narrow(-1, 0, width) * at::gelu(projected.narrow(-1, width, width));
  const OnDeviceOf device(projected);
  auto shape = projected.sizes().vec();
  shape.back() = width;
  at::Tensor y = at::empty(shape, projected.options());
  check(launch_geglu(projected.const_data_ptr(), y.mutable_data_ptr(), *type, y.numel() / width,
                     width, device.stream()));
  return y;
}

at::Tensor& add_bias_residual(at::Tensor& x, const at::Tensor& bias, const at::Tensor& residual) {
  const auto type = type_of(x.scalar_type());
  const auto fits = [&](const at::Tensor& map) {
    return map.dim() == 4 && map.is_contiguous(at::MemoryFormat::ChannelsLast);
  };
  const auto alike = [&](const at::Tensor& other) {
    return other.scalar_type() == x.scalar_type() && other.device() == x.device();
  };
  const bool covered = type && fits(x) && fits(residual) && x.sizes() == residual.sizes() &&
                       x.numel() > 0 && bias.is_contiguous() && bias.numel() == x.size(1) &&
                       alike(bias) && alike(residual);
  if (!covered) return x.add_(bias.view({1, -1, 1, 1})).add_(residual);
  const OnDeviceOf device(x);
  check(launch_add_bias_residual(x.mutable_data_ptr(), bias.const_data_ptr(),
                                 residual.const_data_ptr(), *type, x.numel() / x.size(1), x.size(1),
                                 device.stream()));
  return x;
}

}  // namespace

TORCH_LIBRARY_IMPL(velatura, CUDA, library) {
  library.impl("geglu", geglu);
  library.impl("add_bias_residual", add_bias_residual);
}

}  // namespace velatura::ops::cuda
