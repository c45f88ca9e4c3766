#pragma once

#include "layers/module.h"

namespace velatura::testing {

/// Gives every parameter of `module` random numbers that depend on its name and shape only, the
/// same as scripts/fixtures/random_weights.py.
void randomise(layers::Module& module, double gain = 0.8);

/// torch.randn(shape) from a generator with this seed, float32.
at::Tensor normal(std::uint64_t seed, at::IntArrayRef shape);

}  // namespace velatura::testing
