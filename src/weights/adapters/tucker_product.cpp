#include "weights/adapters/tucker_product.h"

#include <ATen/ATen.h>

#include "weights/adapters/change_kind.h"

namespace velatura::weights {
namespace {

std::int64_t first_of(const Shape& shape) {
  return shape.empty() ? 0 : shape[0];
}

// All dimensions from the second on as one.
Shape flattened(const Shape& weight) {
  std::int64_t rest = 1;
  for (std::size_t i = 1; i < weight.size(); ++i) rest *= weight[i];
  return {weight[0], rest};
}

}  // namespace

at::Tensor product(const LayerFactors& factors, Factor a, Factor b, Factor core) {
  const at::Tensor left = factors(a).flatten(1), right = factors(b).flatten(1);
  if (!factors.has(core)) return at::matmul(left, right);
  const at::Tensor middle = factors(core);                                  // [r, s, k, k]
  const at::Tensor by_place = middle.flatten(2).permute({0, 2, 1});         // [r, k·k, s]
  const at::Tensor inner = at::matmul(by_place, right).permute({0, 2, 1});  // [r, in, k·k]
  return at::matmul(left.t(), inner.reshape({left.size(0), -1}));
}

std::string product_complaint(const LayerFactors& factors, Factor a, Factor b, Factor core,
                              const Shape& weight) {
  const std::int64_t rank = first_of(factors.shape(b));
  if (!factors.has(core)) {
    const Shape flat = flattened(weight);
    const std::string wrong = expect_shape(factors, b, {rank, flat[1]});
    return wrong.empty() ? expect_shape(factors, a, {flat[0], rank}) : wrong;
  }
  Shape between = weight;
  between[0] = first_of(factors.shape(a));
  between[1] = rank;
  std::string wrong = expect_shape(factors, b, {rank, weight[1]});
  if (wrong.empty()) wrong = expect_shape(factors, a, {between[0], weight[0]});
  return wrong.empty() ? expect_shape(factors, core, between) : wrong;
}

}  // namespace velatura::weights
