#pragma once

#include <string>

#include "core/config_object.h"
#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// A UNet's config with the depths of its transformers and the kind of its middle as a checkpoint's
/// tensors have them: pruned models have fewer layers. What is as the config says stays unsaid.
/// @param config  with two ResNet blocks a level @param prefix  of the UNet's names, in the original layout
ConfigObject with_transformer_depths(const ConfigObject& config, const WeightSource& checkpoint,
                                     const std::string& prefix);

}  // namespace velatura::weights
