#pragma once

#include <filesystem>

#include "weights/layouts/model_files.h"

namespace velatura::weights {

/// A DPTForDepthEstimation with how pictures are prepared for it.
struct DepthEstimatorFiles {
  Part network;
  ConfigObject processor;  ///< preprocessor_config.json
};

/// One by itself: its folder (config.json, preprocessor_config.json and weights), or a depth model's
/// with one in `depth_estimator/` and its processor in `feature_extractor/`. @throws InputError
DepthEstimatorFiles open_depth_estimator(const std::filesystem::path& path);

}  // namespace velatura::weights
