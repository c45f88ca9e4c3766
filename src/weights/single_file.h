#pragma once

#include <filesystem>

#include "weights/model_files.h"

namespace velatura::weights {

/// open_model() for a single file in the original layout, whatever its format.
/// @param ema  see OpenOptions
/// @throws InputError
ModelFiles open_single_file(const std::filesystem::path& path, bool ema);

}  // namespace velatura::weights
