// ΔW as it is: `diff`, and of norms `w_norm`.

#include <ATen/ATen.h>

#include <array>

#include "weights/adapters/change_kind.h"

namespace velatura::weights {
namespace whole_difference {
namespace {

constexpr auto kFactors = std::to_array<Factor>({Factor::diff, Factor::w_norm});

Factor factor_of(const LayerFactors& factors) {
  return factors.has(Factor::diff) ? Factor::diff : Factor::w_norm;
}

std::string complaint(const LayerFactors& factors, const Shape& weight) {
  return expect_shape(factors, factor_of(factors), weight);
}

std::optional<std::int64_t> rank(const LayerFactors&) {
  return std::nullopt;
}

void add(at::Tensor& sum, const LayerFactors& factors, double scale) {
  sum.add_(factors(factor_of(factors)).view_as(sum), scale);
}

}  // namespace
}  // namespace whole_difference

const ChangeKind kWholeDifference{"difference", whole_difference::kFactors,
                                  whole_difference::complaint, whole_difference::rank,
                                  whole_difference::add};

}  // namespace velatura::weights
