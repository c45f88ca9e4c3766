#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "weights/adapters/layer_factors.h"

namespace velatura::weights {

/// A way to write down the change ΔW of a weight by factors.
struct ChangeKind {
  std::string_view name;            ///< "LoHa"
  std::span<const Factor> factors;  ///< one of them tells the kind
  /// What does not fit a weight of this shape, or is missing; empty: all fits. Only headers are read.
  std::string (*complaint)(const LayerFactors& factors, const Shape& weight);
  /// What alpha is divided by; nothing if alpha has no meaning.
  std::optional<std::int64_t> (*rank)(const LayerFactors& factors);
  /// sum += scale · ΔW. @param sum  float32, contiguous, of the weight's shape
  void (*add)(at::Tensor& sum, const LayerFactors& factors, double scale);
};

/// Null if the layer's weight is not changed.
const ChangeKind* kind_of(const LayerFactors& factors);

// One file each.
extern const ChangeKind kLowRankProduct;    ///< LoRA; LoCon (with mid)
extern const ChangeKind kHadamardProduct;   ///< LoHa
extern const ChangeKind kKroneckerProduct;  ///< LoKr
extern const ChangeKind kWholeDifference;   ///< diff, w_norm

/// The words of a complaint: what a factor is and what was expected. Empty if it fits.
std::string expect_shape(const LayerFactors& factors, Factor factor, const Shape& expected);

/// "x.lora_down.weight has no lora_up beside it" where a factor is missing; else empty.
std::string expect_factor(const LayerFactors& factors, Factor there, Factor needed,
                          std::string_view needed_name);

}  // namespace velatura::weights
