#pragma once

#include <filesystem>

#include "weights/model_files.h"

namespace velatura::weights {

/// open_model() for a single .safetensors file in the original layout.
/// @throws InputError
ModelFiles open_single_file(const std::filesystem::path& path);

}  // namespace velatura::weights
