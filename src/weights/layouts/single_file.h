#pragma once

#include <filesystem>

#include "weights/formats/checkpoint.h"
#include "weights/layouts/model_files.h"

namespace velatura::weights {

/// open_model() for a single file in the original layout, whatever its format.
/// @param ema  see OpenOptions
/// @throws InputError
ModelFiles open_single_file(const std::filesystem::path& path, bool ema);

/// The same for one that is open already, or not written yet.
/// @param path  where it is, or is to be
ModelFiles read_checkpoint(const Checkpoint& checkpoint, const std::filesystem::path& path,
                           bool ema = false);

}  // namespace velatura::weights
