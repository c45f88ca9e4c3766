#pragma once

#include <ATen/ATen.h>

#include "layers/module.h"

namespace velatura::testing {

/// Brings every parameter of a model into a dtype.
inline void bring_into(layers::Module& model, at::ScalarType dtype) {
  for (auto& [name, parameter] : model.parameters()) {
    at::Tensor handle = parameter;
    handle.set_data(parameter.to(dtype));
  }
}

}  // namespace velatura::testing
