#pragma once

#include <ATen/core/Tensor.h>

#include <string_view>

#include "layers/module.h"

namespace velatura::selftest {

/// Numbers in [-1, 1) that depend on the name and the place alone, the same bits on every machine
/// and with every libtorch. float32, on the CPU.
at::Tensor numbers(std::string_view name, at::IntArrayRef shape);

/// Gives every parameter such numbers by its name, scaled so that activations keep their size:
/// weights by 1 / sqrt(fan-in); norms' weights are near 1, biases near 0.
void fill(layers::Module& module, at::Device device, at::ScalarType dtype);

}  // namespace velatura::selftest
