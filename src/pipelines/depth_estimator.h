#pragma once

#include <memory>

#include "image/raster.h"
#include "models/dpt/dpt_for_depth_estimation.h"
#include "models/dpt/image_processor.h"

namespace velatura::pipelines {

/// A model's own estimator of depth, in float32 whatever the rest runs in.
struct DepthEstimator {
  models::DptImageProcessor processor;
  std::shared_ptr<models::DptForDepthEstimation> network;
  at::Device device;

  /// @return [1, 1, H', W'] float32: larger is nearer, of arbitrary scale
  at::Tensor estimate(const Raster& picture) const;
};

}  // namespace velatura::pipelines
