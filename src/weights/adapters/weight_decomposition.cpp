#include "weights/adapters/weight_decomposition.h"

#include <ATen/ATen.h>

#include <utility>

#include "weights/adapters/change_kind.h"

namespace velatura::weights {
namespace {

// m is [1, in, 1, …]: columns are normed.
bool by_columns(const LayerFactors& factors, const Shape& weight) {
  if (!factors.has(Factor::dora_scale)) return false;
  const Shape m = factors.shape(Factor::dora_scale);
  return m.size() >= 2 && m[0] == 1 && weight[0] != 1;
}

}  // namespace

std::string decomposition_complaint(const LayerFactors& factors, const Shape& weight) {
  if (factors.has(Factor::magnitude_vector)) {
    Shape m = factors.shape(Factor::magnitude_vector);
    if (m.size() == 4 && m[0] == 1) m.erase(m.begin());  // PEFT's of a convolution: [1, out, 1, 1]
    if (same_but_for_ones(m, {weight[0]})) return "";
    return expect_shape(factors, Factor::magnitude_vector, {weight[0]});
  }
  if (!factors.has(Factor::dora_scale)) return "";
  if (by_columns(factors, weight)) return expect_shape(factors, Factor::dora_scale, {1, weight[1]});
  return expect_shape(factors, Factor::dora_scale, {weight[0]});
}

void add_decomposed(at::Tensor& sum, const at::Tensor& weight, const LayerFactors& factors,
                    double scale, const std::function<void(at::Tensor&, double)>& add) {
  const bool peft = factors.has(Factor::magnitude_vector);
  const at::Tensor base = weight.to(at::kFloat);
  at::Tensor direction = base.clone();  // V
  add(direction, peft ? scale : 1.0);
  const std::int64_t kept = by_columns(factors, weight.sizes().vec()) ? 1 : 0;
  std::vector<std::int64_t> normed, broadcast(static_cast<std::size_t>(base.dim()), 1);
  for (std::int64_t d = 0; d < base.dim(); ++d) {
    if (d != kept) normed.push_back(d);
  }
  broadcast[static_cast<std::size_t>(kept)] = base.size(kept);
  const at::Tensor magnitude =
      factors(peft ? Factor::magnitude_vector : Factor::dora_scale).reshape(broadcast);
  const at::Tensor norm = at::linalg_vector_norm(direction, 2, normed, /*keepdim=*/true);
  direction.mul_(magnitude / norm).sub_(base);
  sum.add_(direction, peft ? 1.0 : scale);
}

}  // namespace velatura::weights
