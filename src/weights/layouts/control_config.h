#pragma once

#include <nlohmann/json.hpp>

#include "core/config_object.h"
#include "weights/layouts/control_files.h"

namespace velatura::weights {

/// The config of a single file that carries none: from its shapes, and from that of the UNet that
/// it stands beside. @throws InputError naming what no config explains
ConfigObject control_config(const ControlFiles& files, const nlohmann::json& unet);

/// What a UNet's config says of its way down, spelled out. @throws InputError for levels that differ
/// in layers: no original layout has names for them
nlohmann::json trunk_config(const ConfigObject& unet);

/// Of a T2I-Adapter: that it is for Stable Diffusion XL, which takes 16 pixels for a latent.
bool is_for_xl(const ControlFiles& files);

}  // namespace velatura::weights
