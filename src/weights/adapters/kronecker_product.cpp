// LoKr, ΔW = kron(w1, w2) (Yeh et al. 2024; LyCORIS). Either side is whole or a product of factors.

#include <ATen/ATen.h>

#include <array>

#include "weights/adapters/change_kind.h"
#include "weights/adapters/tucker_product.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace kronecker_product {
namespace {

constexpr auto kFactors =
    std::to_array<Factor>({Factor::lokr_w1, Factor::lokr_w1_a, Factor::lokr_w1_b, Factor::lokr_w2,
                           Factor::lokr_w2_a, Factor::lokr_w2_b, Factor::lokr_t2});

struct Side {
  Factor whole, a, b;
  std::string_view name;
};
constexpr Side kLeft{Factor::lokr_w1, Factor::lokr_w1_a, Factor::lokr_w1_b, "lokr_w1"};
constexpr Side kRight{Factor::lokr_w2, Factor::lokr_w2_a, Factor::lokr_w2_b, "lokr_w2"};

bool is_whole(const LayerFactors& factors, const Side& side) {
  return factors.has(side.whole);
}

std::string missing(const LayerFactors& factors, const Side& side) {
  if (is_whole(factors, side) || (factors.has(side.a) && factors.has(side.b))) return "";
  const std::string name(side.name);
  return shown(factors.keys().begin()->second) + " has no " + name + ", or " + name + "_a and " +
         name + "_b, beside it";
}

// How many rows and columns the left side has.
Shape left_shape(const LayerFactors& factors) {
  if (is_whole(factors, kLeft)) return factors.shape(Factor::lokr_w1);
  const Shape a = factors.shape(Factor::lokr_w1_a), b = factors.shape(Factor::lokr_w1_b);
  if (a.size() != 2 || b.size() != 2 || a[1] != b[0]) return {};
  return {a[0], b[1]};
}

std::string complaint(const LayerFactors& factors, const Shape& weight) {
  for (const Side& side : {kLeft, kRight}) {
    std::string wrong = missing(factors, side);
    if (!wrong.empty()) return wrong;
  }
  const Shape left = left_shape(factors);
  if (left.size() < 2 || !same_but_for_ones(left, {left[0], left[1]}) || left[0] <= 0 ||
      left[1] <= 0 || weight[0] % left[0] != 0 || weight[1] % left[1] != 0) {
    const Factor told = is_whole(factors, kLeft) ? Factor::lokr_w1 : Factor::lokr_w1_a;
    return factors.described(told) +
           (told == Factor::lokr_w1 ? "" : " and " + factors.described(Factor::lokr_w1_b)) +
           ", expected what divides " + shape_text(weight);
  }
  Shape right = weight;
  right[0] /= left[0];
  right[1] /= left[1];
  if (is_whole(factors, kRight)) return expect_shape(factors, Factor::lokr_w2, right);
  return product_complaint(factors, Factor::lokr_w2_a, Factor::lokr_w2_b, Factor::lokr_t2, right);
}

// Without factors the scale is 1, whatever alpha says: so LyCORIS trains.
std::optional<std::int64_t> rank(const LayerFactors& factors) {
  for (const Factor factor : {Factor::lokr_w1_b, Factor::lokr_w2_b}) {
    if (factors.has(factor)) return factors.shape(factor)[0];
  }
  return std::nullopt;
}

void add(at::Tensor& sum, const LayerFactors& factors, double scale) {
  const at::Tensor left = is_whole(factors, kLeft)
                              ? factors(Factor::lokr_w1).flatten(1)
                              : at::matmul(factors(Factor::lokr_w1_a), factors(Factor::lokr_w1_b));
  const at::Tensor right = is_whole(factors, kRight) ? factors(Factor::lokr_w2).flatten(1)
                                                     : product(factors, Factor::lokr_w2_a,
                                                               Factor::lokr_w2_b, Factor::lokr_t2);
  // [a, b] ⊗ [c, d·k·k] is [a·c, b·d·k·k]
  sum.view({sum.size(0), -1}).add_(at::kron(left, right), scale);
}

}  // namespace
}  // namespace kronecker_product

const ChangeKind kKroneckerProduct{"LoKr", kronecker_product::kFactors,
                                   kronecker_product::complaint, kronecker_product::rank,
                                   kronecker_product::add};

}  // namespace velatura::weights
