#include "ops/packed_conv2d.h"

#include <ATen/ATen.h>
#include <ATen/Version.h>

#include <optional>
#include <string_view>
#include <utility>

#include "core/block_cache.h"
#include "ops/onednn.h"
#include "ops/winograd/winograd_conv2d.h"

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

constexpr std::array<std::int64_t, 2> one{1, 1};
constexpr auto no_dilation = one;

// Of libtorch's choice, which goes by what the processor and the environment allow.
bool has_avx512() {
  static const bool has = at::get_cpu_capability() == "AVX512";
  return has;
}

}  // namespace

bool PackedConv2d::suits_any_size(const at::Tensor& weight) {
  if (weight.size(2) == 1) return false;
  const std::int64_t out = weight.size(0);
  return !weight.is_cpu() || (has_avx512() && (out % 48 != 0 || out >= 960));
}

PackedConv2d::PackedConv2d(const at::Tensor& weight, at::Tensor bias,
                           std::array<std::int64_t, 2> stride, std::array<std::int64_t, 2> padding,
                           at::OptionalIntArrayRef input_size)
    : weight_(weight), bias_(std::move(bias)), stride_(stride), padding_(padding) {
  if (weight.is_cuda()) {
    const bool pointwise = weight.size(2) == 1 && weight.size(3) == 1 && stride == one &&
                           padding == std::array<std::int64_t, 2>{0, 0};
    // cuDNN's fast kernels want both sides channels_last.
    weight_ = pointwise ? weight.flatten(1) : weight.contiguous(at::MemoryFormat::ChannelsLast);
    return;
  }
  if (!weight.is_cpu() || !onednn_computes(weight.scalar_type())) return;
  may_be_winograd_ = stride == one && padding == one && suits_winograd(weight);
  const KeptMemory kept;
  if (may_be_winograd_ && input_size && gains_by_winograd(*input_size)) {
    // Out of a mapped file, whose pages around it would stay resident, too.
    weight_ = weight.clone();
    return;
  }
  weight_ = laid_out(weight, input_size);
}

at::Tensor PackedConv2d::laid_out(const at::Tensor& weight,
                                  at::OptionalIntArrayRef input_size) const {
  static const auto pack = onednn_operator<PackConv2d>("mkldnn::_reorder_convolution_weight");
  return pack.call(weight, padding_, stride_, no_dilation, 1, input_size);
}

at::Tensor PackedConv2d::convolve(const at::Tensor& x, const at::Tensor& bias) const {
  if (weight_.dim() == 2) {
    const auto pixels = x.permute({0, 2, 3, 1}).reshape({-1, x.size(1)});
    const auto y = at::linear(pixels, weight_, bias);
    return y.view({x.size(0), x.size(2), x.size(3), -1}).permute({0, 3, 1, 2});
  }
  if (may_be_winograd_ && gains_by_winograd(x.sizes()))
    return winograd_conv2d(x, weight_.is_mkldnn() ? weight_.to_dense() : weight_, bias);
  if (!weight_.is_mkldnn() && !may_be_winograd_)
    return at::conv2d(x, weight_, bias, stride_, padding_);
  const at::Tensor weight = weight_.is_mkldnn() ? weight_ : laid_out(weight_, x.sizes());
  static const auto convolve = onednn_operator<Convolve2d>("mkldnn::_convolution_pointwise");
  const std::optional<at::Tensor> optional = bias.defined() ? std::optional(bias) : std::nullopt;
  return convolve.call(x, weight, optional, padding_, stride_, no_dilation, 1, "none",
                       c10::List<std::optional<at::Scalar>>(), std::nullopt);
}

}  // namespace velatura::ops
