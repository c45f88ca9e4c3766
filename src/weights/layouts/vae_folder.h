#pragma once

#include <filesystem>
#include <string>

#include "weights/layouts/model_files.h"

namespace velatura::weights {

/// A VAE by itself: the folder of an AutoencoderKL (config.json and its weights), a diffusers model
/// folder with one in `vae/`, or a weight file (see open_single_vae). @throws InputError
Part open_vae(const std::filesystem::path& path, const std::string& variant = "");

/// The same in the place of a model's own, whose latents it must be for: a weight file, which says
/// nothing of how they are scaled, is taken to have them so.
/// @param own  config of the model's own VAE, or its family's
/// @throws InputError also for a folder whose config says that they are scaled in another way
Part open_vae_for(const ConfigObject& own, const std::filesystem::path& path,
                  const std::string& variant = "");

}  // namespace velatura::weights
