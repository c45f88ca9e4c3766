#pragma once

#include <map>
#include <string>

#include "weights/layouts/model_files.h"

namespace velatura::weights {

/// The metadata of a single file that holds this model: what it had before, and over that what
/// Stability AI's model specification 1.0.0 asks for (https://github.com/Stability-AI/ModelSpec).
/// @param title  where the model has none yet
/// @throws InputError if it is of no family that has an original layout
std::map<std::string, std::string> model_spec(const ModelFiles& files, const std::string& title);

}  // namespace velatura::weights
