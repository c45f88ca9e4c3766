#include "weights/adapters/change_kind.h"

#include <array>

#include "weights/sources/names.h"

namespace velatura::weights {

const ChangeKind* kind_of(const LayerFactors& factors) {
  for (const ChangeKind* kind :
       {&kLowRankProduct, &kHadamardProduct, &kKroneckerProduct, &kWholeDifference}) {
    if (factors.has_any(kind->factors)) return kind;
  }
  return nullptr;
}

std::string expect_shape(const LayerFactors& factors, Factor factor, const Shape& expected) {
  if (same_but_for_ones(factors.shape(factor), expected)) return "";
  return factors.described(factor) + ", expected " + shape_text(expected);
}

std::string expect_factor(const LayerFactors& factors, Factor there, Factor needed,
                          std::string_view needed_name) {
  if (factors.has(needed)) return "";
  return shown(factors.keys().at(there)) + " has no " + std::string(needed_name) + " beside it";
}

}  // namespace velatura::weights
