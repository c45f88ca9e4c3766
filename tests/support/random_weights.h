#pragma once

#include <string>

#include "layers/module.h"

namespace velatura::testing {

/// Gives every parameter of `module` random numbers that depend on its name and shape only, the
/// same as scripts/fixtures/random_weights.py.
/// @param prefix  what their names begin with
void randomise(layers::Module& module, double gain = 0.8, const std::string& prefix = "");

/// torch.randn(shape) from a generator with this seed, float32.
at::Tensor normal(std::uint64_t seed, at::IntArrayRef shape);

}  // namespace velatura::testing
