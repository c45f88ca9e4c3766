#pragma once

#include <ATen/core/Tensor.h>

#include "image/raster.h"

namespace velatura::pipelines {

/// A model's own estimator of depth.
class DepthEstimator {
 public:
  virtual ~DepthEstimator() = default;
  /// @return [1, 1, H', W'] float32: larger is nearer, of arbitrary scale
  /// @throws InputError where it does not take the picture
  virtual at::Tensor estimate(const Raster& picture) const = 0;
};

}  // namespace velatura::pipelines
