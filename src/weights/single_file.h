#pragma once

#include <filesystem>

#include "weights/checkpoint.h"
#include "weights/model_files.h"

namespace velatura::weights {

/// open_model() for a single .safetensors file in the original layout.
/// @throws InputError
ModelFiles open_single_file(const std::filesystem::path& path);

/// The same for one that is open already, or not written yet.
/// @param path  where it is, or is to be
ModelFiles read_checkpoint(const Checkpoint& checkpoint, const std::filesystem::path& path);

}  // namespace velatura::weights
