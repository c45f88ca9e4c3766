#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace velatura::pipelines {

/// What networks beside a backbone add to it, in its own dtype; what is empty adds nothing.
struct Residuals {
  std::vector<at::Tensor> skips = {};   ///< to each skip connection, finest first
  at::Tensor mid = {};                  ///< to what its middle gives
  std::vector<at::Tensor> levels = {};  ///< to each level on the way down, finest first

  bool empty() const { return skips.empty() && !mid.defined() && levels.empty(); }
};

/// Adds what another network adds.
void add(Residuals& sum, const Residuals& more);

}  // namespace velatura::pipelines
