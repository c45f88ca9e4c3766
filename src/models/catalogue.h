#pragma once

#include <memory>
#include <string>

#include "core/config_object.h"
#include "layers/module.h"

namespace velatura::models {

/// The network that a config describes, as load_strict() takes it: with its parameters' shapes, and
/// no memory for them.
/// @param class_name  diffusers' or transformers': "UNet2DConditionModel", "AutoencoderKL",
///                    "CLIPTextModel" or "DPTForDepthEstimation"
/// @throws InputError for a config that is not supported, std::logic_error for another class
std::shared_ptr<layers::Module> build_network(const std::string& class_name,
                                              const ConfigObject& config);

/// Whether two configs of a class describe the same network. @throws as build_network()
bool same_network(const std::string& class_name, const ConfigObject& a, const ConfigObject& b);

}  // namespace velatura::models
