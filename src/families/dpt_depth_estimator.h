#pragma once

#include <memory>

#include "families/fault_finder.h"
#include "models/dpt/dpt_for_depth_estimation.h"
#include "models/dpt/image_processor.h"
#include "pipelines/depth_estimator.h"

namespace velatura::families {

/// What a picture is resized to for the network. @throws InputError if it does not take that size
models::DptImageProcessor::Size input_size(const models::DptImageProcessor& processor,
                                           const Raster& picture);

/// DPT, in float32 whatever the rest runs in.
class DptDepthEstimator : public pipelines::DepthEstimator {
 public:
  DptDepthEstimator(models::DptImageProcessor processor,
                    std::shared_ptr<models::DptForDepthEstimation> network, at::Device device,
                    FaultFinder faults = {});
  at::Tensor estimate(const Raster& picture) const override;

 private:
  models::DptImageProcessor processor_;
  std::shared_ptr<models::DptForDepthEstimation> network_;
  at::Device device_;
  FaultFinder faults_;
};

}  // namespace velatura::families
