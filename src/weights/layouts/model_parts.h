#pragma once

#include <ATen/core/ScalarType.h>

#include <string>
#include <vector>

#include "weights/layouts/model_files.h"

namespace velatura::weights {

/// A network of a model and where a diffusers folder has it.
struct ModelPart {
  std::string folder;  ///< "unet", …
  std::string stem;    ///< of its weight files
  Component component;
};
std::vector<ModelPart> parts_of(const ModelFiles& files);

/// The model with its floating point weights in another dtype.
ModelFiles in_dtype(ModelFiles files, at::ScalarType dtype);

/// What a model's folder or file holds beyond the model, and what will therefore not come along
/// when it is converted; names fit to be shown.
/// @param ema  as it was opened, see OpenOptions
std::vector<std::string> left_out(const ModelFiles& files, bool ema = false);

}  // namespace velatura::weights
