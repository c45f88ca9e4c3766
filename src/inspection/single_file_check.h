#pragma once

#include <string>

#include "weights/layouts/model_files.h"

namespace velatura::inspection {

/// A single file holds no configs: whoever reads it takes those of its family. Makes sure that the
/// model would come back the same.
/// @param model  what is to be written
/// @param read   what would be read
/// @throws InputError naming the part that would differ, and the settings
void check_comes_back(const weights::ModelFiles& model, const weights::ModelFiles& read);

/// What the model's scheduler says about the noise it was trained with that would not come back,
/// for a warning; empty if nothing.
std::string lost_settings(const weights::ModelFiles& model, const weights::ModelFiles& read);

}  // namespace velatura::inspection
