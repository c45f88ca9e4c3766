#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>

#include "weights/adapters/layer_factors.h"

namespace velatura::weights {

/// DoRA (Liu et al. 2024): W' = m · V / ‖V‖ with V = W + ΔW; ‖·‖ of each row, or, where m is
/// [1, in, …], of each column.
///
/// At another scale s than 1: with PEFT's magnitude vector V = W + s · ΔW, as PEFT computes; with
/// LyCORIS' dora_scale W + s · (W' - W), so that 0 is the base.

/// What does not fit a weight of this shape; empty: all fits, or it is no DoRA.
std::string decomposition_complaint(const LayerFactors& factors, const Shape& weight);

/// @param sum     float32, of the weight's shape: the change is added to it
/// @param weight  W, of any floating point type
/// @param add     (tensor, scale): adds scale · ΔW to a tensor
/// @pre   the factors have a magnitude
void add_decomposed(at::Tensor& sum, const at::Tensor& weight, const LayerFactors& factors,
                    double scale, const std::function<void(at::Tensor&, double)>& add);

}  // namespace velatura::weights
