#pragma once

#include <ATen/ATen.h>

#include <map>
#include <string>
#include <string_view>

#include "weights/write/write_safetensors.h"

namespace velatura::weights::testing {

using Tensors = std::map<std::string, at::Tensor>;

/// The bytes of a .safetensors file.
inline std::string encoded(const Tensors& tensors,
                           const std::map<std::string, std::string>& metadata = {}) {
  const auto bytes = encode_safetensors(tensors, metadata);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// 0, 1, 2, … in the given shape.
inline at::Tensor counting(at::IntArrayRef shape, at::ScalarType dtype = at::kFloat) {
  return at::arange(c10::multiply_integers(shape), dtype).view(shape);
}

}  // namespace velatura::weights::testing
