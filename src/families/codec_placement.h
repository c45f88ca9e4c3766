#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

namespace velatura::families {

/// How a model's codec works, on the device of the rest.
struct CodecPlacement {
  at::ScalarType dtype;
  std::optional<int> tile;  ///< side of its tiles in pixels; 0: never; absent: as it sees fit
};

}  // namespace velatura::families
