#pragma once

#include <filesystem>
#include <string>

#include "weights/layouts/model_files.h"

namespace velatura::weights {

/// open_model() for a folder as diffusers' save_pretrained writes it.
/// @param vae  a VAE in the place of the folder's; empty: its own, if it has one
/// @throws InputError
ModelFiles open_diffusers_folder(const std::filesystem::path& folder, const std::string& variant,
                                 const std::filesystem::path& vae = {});

}  // namespace velatura::weights
