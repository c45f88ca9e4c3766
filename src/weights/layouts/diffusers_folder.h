#pragma once

#include <filesystem>
#include <string>

#include "weights/layouts/model_files.h"

namespace velatura::weights {

/// open_model() for a folder as diffusers' save_pretrained writes it.
/// @throws InputError
ModelFiles open_diffusers_folder(const std::filesystem::path& folder, const std::string& variant);

}  // namespace velatura::weights
