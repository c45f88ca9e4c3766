#include "ops/packed_linear.h"

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "core/block_cache.h"
#include "ops/onednn.h"

namespace velatura::ops {
namespace {

// In float32 libtorch multiplies by smaller weights as fast as oneDNN, which is called through more
// layers; in other types it is slow.
constexpr std::int64_t least_numbers_in_float32 = 1 << 16;

using PackLinear = at::Tensor(const at::Tensor& weight, std::optional<std::int64_t> rows);
using Multiply = at::Tensor(const at::Tensor& x, const at::Tensor& weight,
                            const std::optional<at::Tensor>& bias, std::string_view pointwise,
                            c10::List<std::optional<at::Scalar>> scalars,
                            std::optional<std::string_view> algorithm);

}  // namespace

PackedLinear::PackedLinear(const at::Tensor& weight, at::Tensor bias, WeightForm form)
    : weight_(weight), bias_(std::move(bias)) {
  if (PackedMatrix::suits(weight, form)) {
    matrix_.emplace(weight, form);
    weight_.reset();
    return;
  }
  if (!weight.is_cpu() || !onednn_computes(weight.scalar_type())) return;
  if (weight.scalar_type() == at::kFloat && weight.numel() < least_numbers_in_float32) return;
  const KeptMemory kept;
  static const auto pack = onednn_operator<PackLinear>("mkldnn::_reorder_linear_weight");
  weight_ = pack.call(weight, std::nullopt);
}

at::Tensor PackedLinear::operator()(const at::Tensor& x) const {
  if (matrix_) return (*matrix_)(x, bias_);
  if (!weight_.is_mkldnn()) return at::linear(x, weight_, bias_);
  static const auto multiply = onednn_operator<Multiply>("mkldnn::_linear_pointwise");
  const std::optional<at::Tensor> bias = bias_.defined() ? std::optional(bias_) : std::nullopt;
  return multiply.call(x, weight_, bias, "none", c10::List<std::optional<at::Scalar>>(),
                       std::nullopt);
}

}  // namespace velatura::ops
