// ΔW = up · down (Hu et al. 2021); of convolutions as LoCon has it, with `mid` between them the CP
// decomposition ΔW[o,i] = Σ up[o,m] · mid[m,n,x,y] · down[n,i].

#include <ATen/ATen.h>

#include <array>

#include "weights/adapters/change_kind.h"

namespace velatura::weights {
namespace low_rank_product {
namespace {

constexpr auto kFactors = std::to_array<Factor>({Factor::down, Factor::up, Factor::mid});

// Its first dimension, and the others as one.
at::Tensor as_matrix(const at::Tensor& factor) {
  return factor.reshape({factor.size(0), -1});
}

std::string complaint(const LayerFactors& factors, const Shape& weight) {
  if (!factors.has(Factor::down)) {
    const Factor there = factors.has(Factor::up) ? Factor::up : Factor::mid;
    return expect_factor(factors, there, Factor::down, "down");
  }
  std::string wrong = expect_factor(factors, Factor::down, Factor::up, "up");
  if (!wrong.empty()) return wrong;
  const Shape down = factors.shape(Factor::down);
  const std::int64_t rank = down.empty() ? 0 : down[0];
  Shape in = weight;
  in[0] = rank;
  std::int64_t outer_rank = rank;
  if (factors.has(Factor::mid)) {
    const Shape mid = factors.shape(Factor::mid);
    outer_rank = mid.empty() ? 0 : mid[0];
    in.resize(2);
    Shape between = weight;
    between[0] = outer_rank;
    between[1] = rank;
    wrong = expect_shape(factors, Factor::mid, between);
    if (!wrong.empty()) return wrong;
  }
  wrong = expect_shape(factors, Factor::down, in);
  return wrong.empty() ? expect_shape(factors, Factor::up, {weight[0], outer_rank}) : wrong;
}

std::optional<std::int64_t> rank(const LayerFactors& factors) {
  return factors.shape(Factor::down)[0];
}

void add(at::Tensor& sum, const LayerFactors& factors, double scale) {
  const at::Tensor up = as_matrix(factors(Factor::up)), down = as_matrix(factors(Factor::down));
  at::Tensor rest = down;  // what `up` is multiplied with: [m, in·k·k]
  if (factors.has(Factor::mid)) {
    const at::Tensor mid = factors(Factor::mid);                    // [m, n, k, k]
    const at::Tensor by_place = mid.flatten(2).permute({0, 2, 1});  // [m, k·k, n]
    rest = at::matmul(by_place, down).permute({0, 2, 1}).reshape({mid.size(0), -1});
  }
  sum.view({sum.size(0), -1}).addmm_(up, rest, 1, scale);
}

}  // namespace
}  // namespace low_rank_product

const ChangeKind kLowRankProduct{"LoRA", low_rank_product::kFactors, low_rank_product::complaint,
                                 low_rank_product::rank, low_rank_product::add};

}  // namespace velatura::weights
