#pragma once

#include <filesystem>
#include <string>

#include "weights/model_files.h"

namespace velatura::weights {

/// A VAE by itself: the folder of an AutoencoderKL (config.json and its weights), or a diffusers
/// model folder with one in `vae/`. @throws InputError
Component open_vae(const std::filesystem::path& folder, const std::string& variant = "");

}  // namespace velatura::weights
