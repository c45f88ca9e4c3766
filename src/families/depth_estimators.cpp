#include "families/depth_estimators.h"

#include "families/dpt_depth_estimator.h"
#include "families/load_network.h"
#include "families/outline.h"
#include "models/catalogue.h"
#include "weights/load_strict.h"

namespace velatura::families {

using pipelines::DepthEstimator;
using pipelines::DepthEstimators;
using weights::DepthEstimatorFiles;

namespace {

std::shared_ptr<const DepthEstimator> loaded(const DepthEstimatorFiles& files, at::Device device) {
  return std::make_shared<DptDepthEstimator>(
      models::DptImageProcessor::read(files.processor),
      load_unpacked<models::DptForDepthEstimation, models::DptConfig>(files.network,
                                                                      {device, at::kFloat}),
      device, FaultFinder(files.network));
}

std::shared_ptr<const DepthEstimator> outlined(const DepthEstimatorFiles& files, at::Device) {
  const weights::Part& network = files.network;
  weights::check_strict(models::network_parameters(network.class_name, network.config),
                        *network.weights);
  return std::make_shared<DepthEstimatorOutline>(models::DptImageProcessor::read(files.processor));
}

}  // namespace

DptDepthEstimators::DptDepthEstimators(const weights::ModelFiles& files, Make make,
                                       at::Device device)
    : make_(make), device_(device) {
  const weights::Part* const own = files.find("depth_estimator");
  made_[{}] = own == nullptr ? nullptr : make_({*own, files.config("feature_extractor")}, device_);
}

std::shared_ptr<const DepthEstimator> DptDepthEstimators::at(const std::filesystem::path& path) {
  const auto known = made_.find(path);
  if (known != made_.end()) return known->second;
  return made_[path] = make_(weights::open_depth_estimator(path), device_);
}

std::unique_ptr<DepthEstimators> load_depth_estimators(const weights::ModelFiles& files,
                                                       at::Device device) {
  return std::make_unique<DptDepthEstimators>(files, loaded, device);
}

std::unique_ptr<DepthEstimators> outline_depth_estimators(const weights::ModelFiles& files) {
  return std::make_unique<DptDepthEstimators>(files, outlined, at::kCPU);
}

}  // namespace velatura::families
