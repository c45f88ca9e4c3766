#pragma once

#include "pipelines/depth_estimator.h"

namespace velatura::pipelines {

/// A picture of a picture's depth, as transformers' depth-estimation pipeline makes it: brought to
/// the picture's size, the farthest black, the nearest white.
/// @param picture  3 channels @return 3 channels, all alike @throws InputError
Raster depth_picture(const DepthEstimator& estimator, const Raster& picture);

}  // namespace velatura::pipelines
