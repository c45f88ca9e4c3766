#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>

#include "image/raster.h"

namespace velatura::pipelines {

/// Tells how near things in pictures are.
class DepthEstimator {
 public:
  virtual ~DepthEstimator() = default;
  /// @return [1, 1, H', W'] float32: larger is nearer, of arbitrary scale
  /// @throws InputError where it does not take the picture
  virtual at::Tensor estimate(const Raster& picture) const = 0;
};

/// Those that a model can ask: its own, and others beside it.
class DepthEstimators {
 public:
  virtual ~DepthEstimators() = default;
  /// The one in a folder; kept for the next request. @throws InputError, Interrupted
  /// @param path  empty: the model's own; null where it has none
  virtual std::shared_ptr<const DepthEstimator> at(const std::filesystem::path& path) = 0;
};

}  // namespace velatura::pipelines
