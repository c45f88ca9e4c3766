#include "models/dpt/weight_standardized_conv2d.h"

#include <algorithm>

#include "core/interruption.h"

namespace velatura::models {
namespace {

constexpr double kEps = 1e-8;

std::int64_t same_padding(std::int64_t size, std::int64_t kernel, std::int64_t stride) {
  const std::int64_t places = (size + stride - 1) / stride;
  return std::max<std::int64_t>((places - 1) * stride + kernel - size, 0);
}

}  // namespace

at::Tensor pad_same(const at::Tensor& x, std::int64_t kernel, std::int64_t stride) {
  const std::int64_t rows = same_padding(x.size(2), kernel, stride);
  const std::int64_t columns = same_padding(x.size(3), kernel, stride);
  if (rows == 0 && columns == 0) return x;
  return at::constant_pad_nd(x, {columns / 2, columns - columns / 2, rows / 2, rows - rows / 2});
}

WeightStandardizedConv2d::WeightStandardizedConv2d(std::int64_t in_channels,
                                                   std::int64_t out_channels,
                                                   std::int64_t kernel_size, std::int64_t stride)
    : kernel_size_(kernel_size),
      stride_(stride),
      weight_(declare("weight", {out_channels, in_channels, kernel_size, kernel_size})) {}

at::Tensor WeightStandardizedConv2d::forward(const at::Tensor& x) const {
  end_if_cancelled();
  // With stride 1 both sides get the same, which the convolution pads by itself.
  const std::int64_t padding = stride_ == 1 ? kernel_size_ / 2 : 0;
  const at::Tensor padded = stride_ == 1 ? x : pad_same(x, kernel_size_, stride_);
  const auto pack = [&] {
    const auto rows = weight_.flatten(1);  // [out, in * k * k]
    const auto standardised = at::layer_norm(rows, {rows.size(1)}, {}, {}, kEps);
    return ops::PackedConv2d(standardised.view_as(weight_), at::Tensor(), {stride_, stride_},
                             {padding, padding}, padded.sizes());
  };
  return packed_.of(weight_, pack)(padded);
}

}  // namespace velatura::models
