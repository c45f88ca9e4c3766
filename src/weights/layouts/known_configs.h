#pragma once

#include <string>

#include "core/config_object.h"

namespace velatura::weights {

/// A config of a known model family, embedded from models/configs, for files that carry none.
/// @param name  such as "stable-diffusion-1/unet"
/// @param file  the model file it is used for, for messages
ConfigObject known_config(const std::string& name, const std::string& file);

}  // namespace velatura::weights
