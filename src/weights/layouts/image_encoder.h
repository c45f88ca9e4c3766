#pragma once

#include <filesystem>

#include "weights/layouts/model_files.h"

namespace velatura::weights {

/// A CLIPVisionModelWithProjection by itself: its folder (config.json and weights), a folder with one
/// in `image_encoder/`, or a weight file under transformers' names, whose config is the config.json
/// beside it, else told by its tensors (CLIP-L, -H, -bigG). @throws InputError
Part open_image_encoder(const std::filesystem::path& path);

}  // namespace velatura::weights
