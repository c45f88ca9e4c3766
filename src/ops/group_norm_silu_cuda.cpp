// The CUDA kernel of velatura::group_norm_silu, part of libvelatura_cuda, which registers it when it
// is opened (core/device.h).

#include "ops/group_norm_silu_cuda.h"

#include <ATen/ATen.h>
#include <torch/library.h>

#include <optional>

#include "ops/stream_cuda.h"

namespace velatura::ops::cuda {
namespace {

constexpr std::int64_t max_batch = 65535;  // blocks in a grid's second dimension

at::Tensor group_norm_silu(const at::Tensor& x, std::int64_t groups, const at::Tensor& weight,
                           const at::Tensor& bias, double eps, bool silu,
                           const std::optional<at::Tensor>& addend) {
  const bool adds = addend && addend->defined();
  const auto type = type_of(x.scalar_type());
  const bool covered = type && x.dim() == 4 && x.is_contiguous(at::MemoryFormat::ChannelsLast) &&
                       x.numel() > 0 && x.size(0) <= max_batch &&
                       x.size(2) * x.size(3) <= most_rows && x.size(1) <= most_channels &&
                       groups > 0 && x.size(1) % groups == 0 && weight.numel() == x.size(1) &&
                       bias.numel() == x.size(1) && weight.device() == x.device() &&
                       bias.device() == x.device() && (!adds || addend->device() == x.device());
  if (!covered) {
    const at::Tensor sum = adds ? x + addend->unsqueeze(-1).unsqueeze(-1) : x;
    at::Tensor normed = at::group_norm(sum, groups, weight, bias, eps);
    return silu ? at::silu_(normed) : normed;
  }
  const OnDeviceOf device(x);
  const at::Tensor weights = weight.to(x.scalar_type()).contiguous();
  const at::Tensor biases = bias.to(x.scalar_type()).contiguous();
  const at::Tensor addends = adds ? addend->to(x.scalar_type()).contiguous() : at::Tensor();
  at::Tensor y = at::empty_like(x, at::MemoryFormat::ChannelsLast);
  const std::int64_t rows = x.size(2) * x.size(3);
  const at::Tensor moments =
      at::empty({x.size(0), moment_chunks(static_cast<int>(rows)), groups, 2},
                x.options().dtype(at::kFloat).memory_format(at::MemoryFormat::Contiguous));
  check(launch(
      {x.const_data_ptr(), y.mutable_data_ptr(), weights.const_data_ptr(), biases.const_data_ptr(),
       adds ? addends.const_data_ptr() : nullptr, adds && addends.size(0) > 1, *type, x.size(0),
       rows, static_cast<int>(x.size(1)), static_cast<int>(groups), static_cast<float>(eps), silu},
      moments.mutable_data_ptr<float>(), device.stream()));
  return y;
}

}  // namespace

TORCH_LIBRARY_IMPL(velatura, CUDA, library) {
  library.impl("group_norm_silu", group_norm_silu);
}

}  // namespace velatura::ops::cuda
