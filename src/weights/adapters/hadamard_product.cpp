// LoHa, ΔW = (w1_a · w1_b) ⊙ (w2_a · w2_b) (Hyeon-Woo et al. 2022; LyCORIS). With `t` each side is
// Σ t[i,j,x,y] · w_a[i,o] · w_b[j,c].

#include <ATen/ATen.h>

#include <array>

#include "weights/adapters/change_kind.h"
#include "weights/adapters/tucker_product.h"

namespace velatura::weights {
namespace hadamard_product {
namespace {

constexpr auto kFactors =
    std::to_array<Factor>({Factor::hada_w1_a, Factor::hada_w1_b, Factor::hada_w2_a,
                           Factor::hada_w2_b, Factor::hada_t1, Factor::hada_t2});

struct Side {
  Factor a, b, core;
};
constexpr auto kSides =
    std::to_array<Side>({{Factor::hada_w1_a, Factor::hada_w1_b, Factor::hada_t1},
                         {Factor::hada_w2_a, Factor::hada_w2_b, Factor::hada_t2}});

std::string complaint(const LayerFactors& factors, const Shape& weight) {
  constexpr std::array<std::string_view, 4> kNames{"hada_w1_a", "hada_w1_b", "hada_w2_a",
                                                   "hada_w2_b"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    std::string wrong =
        expect_factor(factors, factors.keys().begin()->first, kFactors[i], kNames[i]);
    if (!wrong.empty()) return wrong;
  }
  for (const Side& side : kSides) {
    std::string wrong = product_complaint(factors, side.a, side.b, side.core, weight);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

std::optional<std::int64_t> rank(const LayerFactors& factors) {
  return factors.shape(Factor::hada_w1_b)[0];
}

void add(at::Tensor& sum, const LayerFactors& factors, double scale) {
  const auto side = [&](const Side& of) { return product(factors, of.a, of.b, of.core); };
  sum.view({sum.size(0), -1}).addcmul_(side(kSides[0]), side(kSides[1]), scale);
}

}  // namespace
}  // namespace hadamard_product

const ChangeKind kHadamardProduct{"LoHa", hadamard_product::kFactors, hadamard_product::complaint,
                                  hadamard_product::rank, hadamard_product::add};

}  // namespace velatura::weights
