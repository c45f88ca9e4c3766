#pragma once

#include <string>

#include "weights/adapters/layer_factors.h"

namespace velatura::weights {

/// The product of two factors as LyCORIS stores it: a [out, r] · b [r, in·k·k]; where there is a core
/// t [r, s, k, k], Σ t[i,j,x,y] · a[i,o] · b[j,c] with a [r, out] and b [s, in].
/// @return [out, in·k·k]
at::Tensor product(const LayerFactors& factors, Factor a, Factor b, Factor core);

/// What does not fit a weight of this shape; empty: all fits. @pre  a and b are there
std::string product_complaint(const LayerFactors& factors, Factor a, Factor b, Factor core,
                              const Shape& weight);

}  // namespace velatura::weights
