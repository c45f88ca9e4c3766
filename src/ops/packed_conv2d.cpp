#include "ops/packed_conv2d.h"

#include <ATen/ATen.h>

#include <optional>
#include <string_view>
#include <utility>

#include "core/block_cache.h"
#include "ops/onednn.h"
#include "ops/processor.h"

namespace velatura::ops {
namespace {

using PackConv2d = at::Tensor(const at::Tensor& weight, at::IntArrayRef padding,
                              at::IntArrayRef stride, at::IntArrayRef dilation, std::int64_t groups,
                              at::OptionalIntArrayRef input_size);
using Convolve2d = at::Tensor(const at::Tensor& x, const at::Tensor& weight,
                              const std::optional<at::Tensor>& bias, at::IntArrayRef padding,
                              at::IntArrayRef stride, at::IntArrayRef dilation, std::int64_t groups,
                              std::string_view pointwise,
                              c10::List<std::optional<at::Scalar>> scalars,
                              std::optional<std::string_view> algorithm);

constexpr PackedConv2d::Pair one{1, 1};
constexpr auto no_dilation = one;

bool has_avx512() {
  static const bool has = widest_vectors() == Vectors::avx512;
  return has;
}

bool goes_winograds_way(const at::Tensor& weight, PackedConv2d::Pair stride,
                        PackedConv2d::Pair padding, WeightForm form) {
  return stride == one && padding == one && WinogradConv2d::suits(weight, form);
}

bool is_pointwise(const at::Tensor& weight, PackedConv2d::Pair stride, PackedConv2d::Pair padding) {
  return weight.size(2) == 1 && weight.size(3) == 1 && stride == one &&
         padding == PackedConv2d::Pair{0, 0};
}

bool is_matrix(const at::Tensor& weight, PackedConv2d::Pair stride, PackedConv2d::Pair padding,
               WeightForm form) {
  return is_pointwise(weight, stride, padding) && PackedMatrix::suits(weight, form);
}

// [B, C, H, W] by a function of [B * H * W, C]
template <class Multiply>
at::Tensor of_pixels(const at::Tensor& x, const Multiply& multiply) {
  const at::Tensor y = multiply(x.permute({0, 2, 3, 1}).reshape({-1, x.size(1)}));
  return y.view({x.size(0), x.size(2), x.size(3), -1}).permute({0, 3, 1, 2});
}

}  // namespace

bool PackedConv2d::suits_any_size(const at::Tensor& weight, Pair stride, Pair padding,
                                  WeightForm form) {
  if (goes_winograds_way(weight, stride, padding, form) || is_matrix(weight, stride, padding, form))
    return true;
  if (weight.size(2) == 1) return false;
  const std::int64_t out = weight.size(0);
  return !weight.is_cpu() || (has_avx512() && (out % 48 != 0 || out >= 960));
}

PackedConv2d::PackedConv2d(const at::Tensor& weight, at::Tensor bias, Pair stride, Pair padding,
                           at::OptionalIntArrayRef input_size, WeightForm form)
    : stride_(stride), padding_(padding) {
  if (goes_winograds_way(weight, stride, padding, form)) {
    winograd_.emplace(weight, std::move(bias), form);
    return;
  }
  bias_ = std::move(bias);
  if (is_matrix(weight, stride, padding, form)) {
    matrix_.emplace(weight.flatten(1), form);
    return;
  }
  weight_ = weight;
  if (weight.is_cuda()) {
    // cuDNN's fast kernels want both sides channels_last.
    weight_ = is_pointwise(weight, stride, padding)
                  ? weight.flatten(1)
                  : weight.contiguous(at::MemoryFormat::ChannelsLast);
    return;
  }
  if (!weight.is_cpu() || !onednn_computes(at::kFloat)) return;
  const KeptMemory kept;
  if (!onednn_computes(weight.scalar_type())) {
    if (!is_for_float32_kernels(weight.scalar_type())) return;
    weight_ = weight.to(at::kFloat);
  }
  static const auto pack = onednn_operator<PackConv2d>("mkldnn::_reorder_convolution_weight");
  weight_ = pack.call(weight_, padding, stride, no_dilation, 1, input_size);
}

at::Tensor PackedConv2d::convolve(const at::Tensor& x, const at::Tensor& bias) const {
  if (matrix_) return of_pixels(x, [&](const at::Tensor& rows) { return (*matrix_)(rows, bias); });
  if (weight_.dim() == 2)
    return of_pixels(x, [&](const at::Tensor& rows) { return at::linear(rows, weight_, bias); });
  if (!weight_.is_mkldnn()) return at::conv2d(x, weight_, bias, stride_, padding_);
  static const auto convolve = onednn_operator<Convolve2d>("mkldnn::_convolution_pointwise");
  const at::ScalarType type = weight_.scalar_type();  // x's, or float32
  const std::optional<at::Tensor> optional =
      bias.defined() ? std::optional(bias.to(type)) : std::nullopt;
  return convolve
      .call(x.to(type), weight_, optional, padding_, stride_, no_dilation, 1, "none",
            c10::List<std::optional<at::Scalar>>(), std::nullopt)
      .to(x.scalar_type());
}

}  // namespace velatura::ops
