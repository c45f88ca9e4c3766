#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include "pipelines/depth_estimator.h"
#include "weights/layouts/depth_estimator.h"
#include "weights/layouts/model_files.h"

namespace velatura::families {

/// A model's own DPT, if it brings one, and those that requests name.
class DptDepthEstimators : public pipelines::DepthEstimators {
 public:
  using Make = std::shared_ptr<const pipelines::DepthEstimator> (*)(
      const weights::DepthEstimatorFiles& files, at::Device device);

  DptDepthEstimators(const weights::ModelFiles& files, Make make, at::Device device);
  std::shared_ptr<const pipelines::DepthEstimator> at(const std::filesystem::path& path) override;

 private:
  Make make_;
  at::Device device_;
  std::map<std::filesystem::path, std::shared_ptr<const pipelines::DepthEstimator>> made_;
};

/// With their weights on a device. Loads the model's own. @throws InputError
std::unique_ptr<pipelines::DepthEstimators> load_depth_estimators(const weights::ModelFiles& files,
                                                                  at::Device device);

/// As their configs and headers tell: for checking requests. @throws InputError
std::unique_ptr<pipelines::DepthEstimators> outline_depth_estimators(
    const weights::ModelFiles& files);

}  // namespace velatura::families
