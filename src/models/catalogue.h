#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "core/config_object.h"

namespace velatura::models {

/// The parameters of the network that a config describes, as load_strict() takes them: their names and
/// shapes, and no memory for them.
/// @param class_name  diffusers' or transformers': "UNet2DConditionModel", "AutoencoderKL",
///                    "CLIPTextModel", "CLIPTextModelWithProjection", "CLIPVisionModelWithProjection", "DPTForDepthEstimation",
///                    "ControlNetModel", "T2IAdapter", "VQModel", "PriorTransformer" or
///                    "MultilingualCLIP"; or "IPAdapter"
/// @throws InputError for a config that is not supported, std::logic_error for another class
std::vector<std::pair<std::string, at::Tensor>> network_parameters(const std::string& class_name,
                                                                   const ConfigObject& config);

/// Whether two configs of a class describe the same network. @throws as network_parameters()
bool same_network(const std::string& class_name, const ConfigObject& a, const ConfigObject& b);

}  // namespace velatura::models
