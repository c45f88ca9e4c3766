#pragma once

#include <filesystem>
#include <string>

#include "weights/layouts/model_files.h"

namespace velatura::weights {

/// A VAE by itself: the folder of an AutoencoderKL (config.json and its weights), a diffusers model
/// folder with one in `vae/`, or a weight file (see open_single_vae). @throws InputError
Part open_vae(const std::filesystem::path& path, const std::string& variant = "");

}  // namespace velatura::weights
